/** A watch that goes on after a place is told where items ended before it could read of it, however long the server took to let it read. */
import { expect, test } from '@jest/globals';
import type { KvWatch } from '../../../runtime/core/ports/watches.ts';
import { watchRange } from '../../../runtime/core/watch-range.ts';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import { createHandles } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createWatch } from '../../../runtime/nats/kv/list/watch.ts';
import { madeBucket, SECOND, startBucket } from '../../functions/kv.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { PATIENCE } from '../../support/patience.ts';
import { soon } from '../../support/soon.ts';

/** So long as a slow machine takes to look at it. */
const LIFE = { ttl: 2 * PATIENCE * SECOND };
/** What a key that the watch knows becomes, and its bucket. */
const CASES: [name: string, options: object, first: object, second?: object][] = [
  ['markers', { ...LIFE, marker_ttl: SECOND }, {}],
  ['own', { key_ttl: true }, LIFE],
  ['own-written-again', { key_ttl: true }, {}, LIFE],
  ['own-no-markers', { key_ttl: true, marker_ttl: null }, {}, LIFE],
  ['ttl', LIFE, {}, {}],
];

for (const [name, options, first, second] of CASES) {
  test(`${name} - what ended while the watch was opened is not passed over`, async () => {
    await using k = await startKvflow();
    const bucket = await madeBucket(k, name, options);
    await bucket.put('k', 'known', first);
    const { events, next_id } = await bucket.watch({ start: 'current' });
    expect(events).toHaveLength(1);
    if (second) await bucket.put('k', 'unseen', second);
    const watch = await watchLate(k, name, String(next_id));
    expect(await whatIsTold(watch)).toMatch(/^(expire|delete|ends_missed)$/);
    watch.close();
  });
}

/** A watch that may read only when nothing of any item is there any more. */
async function watchLate(k: TestKvflow, bucket: string, after_id: string): Promise<KvWatch> {
  const { requests, connection } = k.nats;
  const handles = createHandles({ requests, api: createJsApi(requests), connecting: connection });
  const ready: typeof requests.ready = async call => {
    const handle = await handles.open(soon(), bucket);
    await eventually(async () => {
      const { state } = await handle.api.streamInfo(soon(), handle.stream);
      expect(state.messages).toBe(0);
    });
    await requests.ready(call);
  };
  return await createWatch({ ...requests, ready }, handles)(soon(), watchRange({ bucket, after_id }));
}

/** The operation of the first event, or the reason of the reset. */
function whatIsTold(watch: KvWatch): Promise<string> {
  return eventually(async () => {
    const [event] = await watch.next(10, 500);
    const told = watch.takeReset()?.reason ?? (event && 'operation' in event ? event.operation : undefined);
    if (!told) throw new Error('nothing is told');
    return told;
  });
}

const PAGED: [name: string, options: object][] = [
  ['own', { key_ttl: true }],
  ['own-markers', { key_ttl: true, marker_ttl: SECOND }],
  ['own-no-markers', { key_ttl: true, marker_ttl: null }],
];

for (const [name, options] of PAGED) {
  test(`${name} - what ended between two pages of what was written meanwhile is not passed over`, async () => {
    await using bucket = await startBucket(name, options);
    await bucket.put('k', 'known');
    const { next_id } = await bucket.watch({ start: 'current' });
    await bucket.put('a', 'x');
    await bucket.put('k', 'unseen', LIFE);
    await bucket.put('b', 'x');
    const page = await bucket.watch({ after_id: next_id, limit: 1 });
    // Nothing is left of it, nor of its marker.
    await eventually(async () => {
      const { events } = await bucket.watch({ start: 'current' });
      expect(events.map(({ key }) => key)).toEqual(['a', 'b']);
    });
    await eventually(async () => {
      const seen = await bucket.watch({ after_id: page.next_id, wait_ms: 0 });
      expect(seen.reset ?? seen.events.find(({ key }) => key === 'k')?.operation).toMatch(
        /^(ends_missed|expire)$/,
      );
    });
  });
}

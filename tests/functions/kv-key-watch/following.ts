/** A part of kv-key-watch.test.ts: call after call nothing is missed and nothing comes twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { WatchEvent } from '../../../contract/types.gen.ts';
import { joinNats, startWithServer } from '../../support/kvflow.ts';
import { startLossyProxy } from '../../support/lossy-proxy.ts';
import { connectOfficial } from '../../support/official.ts';
import type { TestBucket } from '../kv.ts';
import { bucketOf, madeBucket, startBucket } from '../kv.ts';

/** Registers them. */
export function following(): void {
  test('takes no more than limit and misses nothing between calls', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.putMany(Array.from({ length: 1_000 }, (_, index) => ({ key: `k${index}`, value: 'x' })));
    await bucket.putMany(Array.from({ length: 500 }, (_, index) => ({ key: `l${index}`, value: 'x' })));
    const seen = await follow(bucket, { after: 0, limit: 400 }, 1_500);
    expect(seen.map(event => event.revision)).toEqual(Array.from({ length: 1_500 }, (_, index) => index + 1));
  });

  test('a gap in what is delivered is not taken for its end', async () => {
    await using k = await startWithServer();
    await using proxy = await startLossyProxy(Number(new URL(k.server.url).port));
    await using far = joinNats({ servers: [proxy.url] });
    await using official = await connectOfficial(k.joined);
    await bucketOf(k, 'prefs').create({ history: 2 });
    // More than the server sends at a time.
    await official.fill('prefs', 1_300, index => [`k.${index}`, 'x']);
    const bucket = bucketOf(far, 'prefs');
    const first = await bucket.watch({ start: 'current', limit: 10 });
    expect(first).toMatchObject({ has_more: true, next: 10 });
    proxy.delay(150);
    const revisions: number[] = [];
    for (let page = first; page.has_more; revisions.push(...page.events.map(({ revision }) => revision))) {
      page = await bucket.watch({ after_id: page.next_id, limit: 1_000, wait_ms: 0 });
    }
    expect(revisions).toEqual(Array.from({ length: 1_290 }, (_, index) => 11 + index));
    // So slow that nothing comes in time: the answer says that it is not all.
    proxy.delay(0);
    await far.call('kv-bucket-info', { bucket: 'prefs' });
    proxy.delay(1_200);
    const late = await bucket.watch({ after_id: first.next_id, limit: 1_000, wait_ms: 0 });
    expect(late).toMatchObject({ events: [], has_more: true, next: 10 });
  });

  test('follows writes under way across a NATS that restarts, each change once and in order', async () => {
    await using k = await startWithServer();
    const bucket = await madeBucket(k, 'prefs');
    const following = follow(bucket, { after: 0, limit: 50, wait_ms: 2_000 }, 600);
    for (let index = 0; index < 600; index++) {
      if (index === 300) {
        await k.server.stop('SIGKILL');
        await k.server.start();
      }
      while ((await k.invoke('kv-key-put', put(`k${index}`))).status_code !== 200) await sleep(50);
    }
    const revisions = (await following).map(event => event.revision);
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
    expect(revisions[0]).toBe(1);
  });
}

function put(key: string): object {
  return { bucket: 'prefs', key, value: 'x' };
}

/** Polls as a host does until so many changes were seen. */
async function follow(
  bucket: TestBucket,
  input: { after: number; limit?: number; wait_ms?: number },
  count: number,
): Promise<WatchEvent[]> {
  const seen: WatchEvent[] = [];
  for (let after = input.after; seen.length < count; ) {
    const page = await bucket.watch({ ...input, after }).catch(() => undefined);
    seen.push(...(page?.events ?? []));
    after = page?.next ?? after;
  }
  return seen;
}

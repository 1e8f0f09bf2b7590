/**
 * Somebody deletes a bucket of kvflow's own between two steps of a call, such as a listing of keys and the reading of them, or while
 * kvflow remembers that it made the bucket. Every function goes on as where the bucket was never there, or makes it again.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import {
  ADMIN_LOG_BUCKET,
  AUDIT_BUCKET,
  DEAD_BUCKET,
  EVENTS_BUCKET,
  LOCKS_BUCKET,
  OWN_BUCKETS,
  PENDING_BUCKET,
  SCRIPT_STATE_BUCKET,
  SCRIPT_VERSIONS_BUCKET,
  SECRETS_BUCKET,
} from '../../../contract/own-buckets.ts';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import type { KvErase } from '../../../runtime/core/ports/writes.ts';
import { putDeadLetter } from '../../../runtime/core/state/dead-letters.ts';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { event } from '../../support/identify.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../../support/warehouses/memory.ts';

const LOGIN = { id: 'u', email: 'u@x' };
const IN = { destination: 'memory' };

/** What is called, the buckets of which one is deleted meanwhile, and which is looked at before; default: the one that is deleted. */
const CASES: [name: string, input: object, buckets: readonly string[], seen?: string][] = [
  ['identify-preview', { ...IN, event: event('9', 'v', { id: 'other' }) }, [EVENTS_BUCKET, AUDIT_BUCKET]],
  ['identify-preview', { ...IN, undo: 'v' }, [EVENTS_BUCKET, AUDIT_BUCKET]],
  ['identify-visitor-list', {}, [EVENTS_BUCKET]],
  ['identify-visitor-list', { order: 'newest' }, [EVENTS_BUCKET]],
  ['identify-visitor-get', { anonymous_id: 'v' }, [EVENTS_BUCKET, AUDIT_BUCKET]],
  ['identify-event-list', {}, [EVENTS_BUCKET]],
  ['identify-change-list', {}, [AUDIT_BUCKET]],
  ['identify-pending-list', {}, [PENDING_BUCKET, LOCKS_BUCKET]],
  ['identify-pending-list', { order: 'newest' }, [PENDING_BUCKET, LOCKS_BUCKET]],
  ['identify-undo', { anonymous_id: 'v' }, [EVENTS_BUCKET, AUDIT_BUCKET]],
  [
    'identify-forget',
    { anonymous_id: 'v', rows: 'clear' },
    [EVENTS_BUCKET, AUDIT_BUCKET, DEAD_BUCKET, PENDING_BUCKET, ADMIN_LOG_BUCKET],
  ],
  ['identify-forget', { value: 'u' }, [EVENTS_BUCKET, AUDIT_BUCKET, DEAD_BUCKET, PENDING_BUCKET]],
  ['identify-dead-list', {}, [DEAD_BUCKET]],
  ['identify-dead-replay', {}, [DEAD_BUCKET, EVENTS_BUCKET, AUDIT_BUCKET, PENDING_BUCKET], DEAD_BUCKET],
  ['identify-dead-drop', {}, [DEAD_BUCKET]],
  ['transform-dead-list', {}, [DEAD_BUCKET]],
  ['transform-dead-replay', {}, [DEAD_BUCKET]],
  ['transform-dead-drop', {}, [DEAD_BUCKET]],
  ['transform-session-list', {}, [SCRIPT_STATE_BUCKET]],
  ['transform-session-list', { order: 'newest' }, [SCRIPT_STATE_BUCKET]],
  ['transform-script-versions', { script_id: 's' }, [SCRIPT_VERSIONS_BUCKET]],
  ['transform-secret-list', {}, [SECRETS_BUCKET]],
  ['admin-log-list', {}, [ADMIN_LOG_BUCKET]],
];

let k: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  k = await start();
});

afterAll(async () => {
  await k?.[Symbol.asyncDispose]();
});

test.each(
  CASES.flatMap(([name, input, buckets, seen]) =>
    buckets.map(bucket => ({ name, input, bucket, seen: seen ?? bucket })),
  ),
)(
  '$name $input - $bucket is deleted once $seen was looked at, and before',
  async ({ name, input, ...at }) => {
    const { bucket } = at;
    await k.fill();
    const deleted = k.deleteOnceSeen(at);
    await k.call(name, input);
    expect(deleted()).toBe(true);
    await k.fill();
    await k.nats.kv.deleteBucket(soon(), bucket);
    await k.call(name, input);
  },
  20_000,
);

test('identify - is finished later though the buckets it needs were deleted', async () => {
  await k.fill();
  for (const bucket of [LOCKS_BUCKET, EVENTS_BUCKET, AUDIT_BUCKET, DEAD_BUCKET])
    await k.nats.kv.deleteBucket(soon(), bucket);
  const { finished, left } = await k.recognition.reconcile(soon());
  expect({ left, isFinished: finished > 0 }).toEqual({ left: 0, isFinished: true });
});

test('identify - what is taken out once work is done is bound to a revision: while nobody answers it can be asked for again', async () => {
  await k.fill();
  const { erase } = k.nats.kv;
  const erased: KvErase[] = [];
  k.nats.kv.erase = async (call, what) => {
    erased.push(what);
    return await erase(call, what);
  };
  await k.call('identify', { ...IN, event: event('done', 'v') });
  await k.recognition.reconcile(soon());
  await k.call('identify-forget', { anonymous_id: 'v' });
  k.nats.kv.erase = erase;
  const buckets = new Set(erased.map(({ bucket }) => bucket));
  expect([PENDING_BUCKET, LOCKS_BUCKET, EVENTS_BUCKET].filter(bucket => !buckets.has(bucket))).toEqual([]);
  const claims = erased.filter(({ key }) => !key.startsWith('wait.'));
  expect(claims.filter(({ upTo }) => upTo === Number.MAX_SAFE_INTEGER)).toEqual([]);
});

test('identify - an event that is refused is told, and kept, though the call is made once more', async () => {
  const refused = { ...event('refused', 'somebody'), n: 'text' };
  await k.call('identify', { ...IN, events: [event('before', 'again')] });
  await k.nats.kv.deleteBucket(soon(), AUDIT_BUCKET);
  const told = await k.call('identify', { ...IN, events: [refused, event('login', 'again', LOGIN)] });
  expect(told).toMatchObject({ failed: [{ index: 0 }] });
  const found = JSON.stringify(await k.call('identify-dead-list', {}));
  expect(found.split('"event_id":"refused"')).toHaveLength(2);
});

test('identify-forget - takes out what a server that is behind does not know of yet', async () => {
  await k.call('identify', { ...IN, event: event('hidden', 'hidden') });
  const { erase } = k.nats.kv;
  // Such a server says that the last revision is an early one.
  k.nats.kv.erase = async (call, what) =>
    await erase(call, { ...what, upTo: what.upTo < Number.MAX_SAFE_INTEGER ? 1 : what.upTo });
  const told = await k.call('identify-forget', { anonymous_id: 'hidden' });
  k.nats.kv.erase = erase;
  expect(told).toMatchObject({ visitors: 1, events: 1 });
});

async function start() {
  const memory = memoryDestination();
  const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
  const kvflow = await startKvflow({
    adminLog: true,
    recognition: { destinations: memoryDestinations(memory), defaults },
  });
  const { kv } = kvflow.nats;
  const { call } = kvflow;
  const { keys, newestChanges } = kv;
  let fills = 0;
  const identify = (...events: object[]) => call('identify', { ...IN, events });
  memory.refuse = ({ n }) => (n === undefined ? undefined : new PackError('WAREHOUSE_ERROR', 'no n'));
  return { ...kvflow, fill, deleteOnceSeen };

  /** Something in every bucket. */
  async function fill(): Promise<void> {
    fills += 1;
    await identify(event(`a${fills}`, 'v'), { ...event(`b${fills}`, 'v'), n: 'text' });
    await identify(event(`c${fills}`, 'v', LOGIN));
    memory.fault = warehouseAway();
    await identify(event(`d${fills}`, 'w'));
    memory.fault = undefined;
    await call('transform-script-put', { script_id: 's', script: 'return $', version_name: 'stable' });
    await call('transform-secret-put', { name: 'S', value: 'secret' });
    for (const bucket of [AUDIT_BUCKET, DEAD_BUCKET, LOCKS_BUCKET, SCRIPT_STATE_BUCKET] as const)
      await kv.createBucket(soon(), bucket, OWN_BUCKETS[bucket].options);
    const letter = { v: 1, source: 'transform', destination: 'default', event: 'text' } as const;
    const why = { code: 'SCRIPT_ERROR', message: 'm', at: new Date().toISOString(), by: 'b', settings: {} };
    const key = 'transform.default.inline.x';
    await putDeadLetter(kv, soon(), { key, letter: { ...letter, ...why }, ttl: 3_600_000_000_000 });
    await kv.put(soon(), { bucket: SCRIPT_STATE_BUCKET, key: 'default.k', value: '1' });
    await kv.put(soon(), { bucket: LOCKS_BUCKET, key: 'some.lock', value: '{}' });
  }

  /** Deletes a bucket as soon as the keys of one were listed. */
  function deleteOnceSeen({ bucket, seen }: { bucket: string; seen: string }): () => boolean {
    let deleted = false;
    const watch = async <Found>(of: string, found: Promise<Found>): Promise<Found> => {
      const answer = await found;
      if (deleted || of !== seen) return answer;
      deleted = true;
      await kv.deleteBucket(soon(), bucket);
      return answer;
    };
    const watched: Pick<KvStore, 'keys' | 'newestChanges'> = {
      keys: (call, of, filter) => watch(of, keys(call, of, filter)),
      newestChanges: (call, range) => watch(range.bucket, newestChanges(call, range)),
    };
    Object.assign(kv, watched);
    return () => deleted;
  }
}

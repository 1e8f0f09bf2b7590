/**
 * A bucket of kvflow's own may be made by anybody first, with options that kvflow cannot work with. A limit of five bytes on
 * the bucket of kept answers failed every call with an Idempotency-Key, about a value its caller never sent.
 */
import { expect, test } from '@jest/globals';
import {
  AUDIT_BUCKET,
  bucketFaults,
  EVENTS_BUCKET,
  IDEMPOTENCY_BUCKET,
  LOCKS_BUCKET,
  OWN_BUCKETS,
  PENDING_BUCKET,
  SCRIPT_STATE_BUCKET,
  SCRIPTS_BUCKET,
} from '../../contract/own-buckets.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { createIdempotency } from '../../runtime/core/idempotency.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import type { BucketOptions } from '../../runtime/core/ports/buckets.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { ownedBucket } from '../../runtime/core/state/owned-bucket.ts';
import { ownBucketFaults, warnOfOwnBuckets } from '../../runtime/main/own-buckets.ts';
import { createLocked } from '../../runtime/warehouses/shared/lock.ts';
import { forAll } from '../support/for-all.ts';
import { joinNats } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { soon } from '../support/soon.ts';

const WRONG: [what: string, options: BucketOptions][] = [
  ['values of five bytes', { max_value_size: 5 }],
  ['room for 200 bytes', { max_bytes: 200 }],
  ['a history and a ttl of a second', { history: 5, ttl: 1_000_000_000 }],
  ['a schema for its values', { value_schema: { type: 'string', maxLength: 1 } }],
];
const FIXED = [IDEMPOTENCY_BUCKET, SCRIPTS_BUCKET, PENDING_BUCKET, AUDIT_BUCKET, LOCKS_BUCKET] as const;

const server = forAll(startNats);

/** Stands for an answer worth keeping. */
const KEPT = { status_code: 200, data: {} } as never;

async function remake(kv: KvStore, bucket: string, options: BucketOptions): Promise<void> {
  await kv.deleteBucket(soon(), bucket).catch(() => undefined);
  await kv.createBucket(soon(), bucket, options);
}

async function once(kv: KvStore, key: string): Promise<unknown> {
  const call = { key, principal: EVERYTHING, route: 'r', body: {}, timeoutMs: 5_000 };
  return await createIdempotency({ kv }).once(
    call,
    async () => 'done',
    () => [KEPT],
  );
}

test.each(WRONG)('buckets of ours - made first with %s, they are mended and used', async (what, options) => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { kv } = kvflow.nats;
  for (const bucket of FIXED) await remake(kv, bucket, options);
  expect(await once(kv, what)).toEqual({ outcome: 'done', replayed: false });
  expect(await once(kv, what)).toEqual({ outcome: 'done', replayed: true });
  await kvflow.call('transform-script-put', { script_id: 's', script: 'return $;' });
  expect(await createLocked(kv)(soon(), ['w', 't'], async () => 'ran')).toBe('ran');
  for (const name of [PENDING_BUCKET, AUDIT_BUCKET] as const) {
    await ownedBucket(kv, { name, ...OWN_BUCKETS[name] }).ready(soon());
  }
  for (const bucket of FIXED) {
    expect(bucketFaults(await kv.bucketInfo(soon(), bucket), OWN_BUCKETS[bucket].needs)).toEqual([]);
  }
});

test('buckets of ours - changed while kvflow runs, they are mended by the next call', async () => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { kv } = kvflow.nats;
  await remake(kv, IDEMPOTENCY_BUCKET, {});
  const idempotency = createIdempotency({ kv });
  const call = (key: string) => ({ key, principal: EVERYTHING, route: 'r', body: {}, timeoutMs: 5_000 });
  await idempotency.once(
    call('a'),
    async () => 1,
    () => [KEPT],
  );
  await kv.updateBucket(soon(), IDEMPOTENCY_BUCKET, { max_value_size: 5 });
  expect(
    await idempotency.once(
      call('b'),
      async () => 2,
      () => [KEPT],
    ),
  ).toMatchObject({ outcome: 2 });
  await remake(kv, IDEMPOTENCY_BUCKET, { max_bytes: 100 });
  expect(
    await idempotency.once(
      call('c'),
      async () => 3,
      () => [KEPT],
    ),
  ).toMatchObject({ outcome: 3 });
});

test('buckets of ours - a bucket that callers may name is left as its owner made it, and named', async () => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { kv } = kvflow.nats;
  await remake(kv, 'sessions', { history: 5 });
  const script = "await $kv.set('a', 1); return $;";
  const refused = await kvflow.fail('transform', { script, events: [{}], kv_bucket: 'sessions' });
  expect(refused).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/kv_bucket' }] });
  expect(refused.message).toContain('history: 1, key_ttl: true, key_encoding: "base64"');
  await remake(kv, EVENTS_BUCKET, { key_encoding: 'base64' });
  await expect(
    ownedBucket(kv, { name: EVENTS_BUCKET, pointer: '/bucket', ...OWN_BUCKETS[EVENTS_BUCKET] }).ready(soon()),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(EVENTS_BUCKET) });
  expect(await kv.bucketInfo(soon(), 'sessions')).toMatchObject({ history: 5 });
});

/** A function that works on the bucket of the name. */
const USES: [bucket: string, use: (kvflow: ReturnType<typeof joinNats>) => Promise<unknown>][] = [
  [SCRIPT_STATE_BUCKET, k => k.call('transform', { script: "await $kv.set('a', 1); return $", event: {} })],
  [EVENTS_BUCKET, k => k.call('identify', { event: { event_id: '1', user: { anonymous_id: 'a' } } })],
  [SCRIPTS_BUCKET, k => k.call('transform-script-put', { script_id: 's', script: 'return $;' })],
];

test.each(USES)(
  'buckets of ours - %s, deleted and made by others while kvflow runs, costs no call',
  async (bucket, use) => {
    await using kvflow = joinNats({ servers: [server.url] });
    const { kv } = kvflow.nats;
    await kv.deleteBucket(soon(), bucket).catch(() => undefined);
    await use(kvflow);
    const { key_encoding } = await kv.bucketInfo(soon(), bucket);
    for (const options of [{}, { ttl: 3_600_000_000_000 }, { history: 5, max_bytes: 200 }]) {
      await remake(kv, bucket, { key_encoding, ...options });
      await use(kvflow);
    }
    await kv.deleteBucket(soon(), bucket);
    await use(kvflow);
  },
);

test('buckets of ours - values of a few bytes alone, set while kvflow runs, cost identify no event', async () => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { kv } = kvflow.nats;
  const identify = (id: string, made = '') =>
    kvflow.call('identify', { events: [{ event_id: id, user: { anonymous_id: 'small' }, made }] });
  await identify('before');
  for (const max_value_size of [5, 100]) {
    await kv.updateBucket(soon(), EVENTS_BUCKET, { max_value_size });
    const made = 'y'.repeat(300);
    expect(await identify(`at ${max_value_size}`, made)).toMatchObject({ remembered: 1, failed: [] });
  }
  const info = await kv.bucketInfo(soon(), EVENTS_BUCKET);
  expect(bucketFaults(info, OWN_BUCKETS[EVENTS_BUCKET].needs)).toEqual([]);
});

test.each(USES)(
  'buckets of ours - %s is made by a function as kvflow makes it, and not otherwise',
  async (bucket, use) => {
    await using kvflow = joinNats({ servers: [server.url] });
    const { kv } = kvflow.nats;
    await kv.deleteBucket(soon(), bucket).catch(() => undefined);
    for (const options of [{ max_value_size: 5 }, { ttl: 1_000_000_000 }, { mirror: { name: 'sessions' } }]) {
      const [option] = Object.keys(options);
      const refused = await kvflow.fail('kv-bucket-create', { bucket, ...options });
      expect(refused).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: `/${option}` }] });
    }
    await kvflow.call('kv-bucket-create', { bucket, max_bytes: 50_000_000 });
    await use(kvflow);
    for (const options of [{ max_bytes: 100 }, { ttl: 1_000_000_000 }]) {
      expect(await kvflow.fail('kv-bucket-update', { bucket, ...options })).toMatchObject({
        code: 'INVALID_INPUT',
      });
    }
    await kvflow.call('kv-bucket-update', { bucket, max_bytes: 60_000_000 });
    await use(kvflow);
  },
);

test('buckets of ours - all made first with values of five bytes, every function does what its first example says', async () => {
  await using kvflow = joinNats({ servers: [server.url] }, { adminLog: true });
  const { kv } = kvflow.nats;
  const { functions } = manifest as unknown as Manifest;
  const faults: string[] = [];
  for (const { name, examples } of functions) {
    const { buckets } = await kv.listBuckets(soon());
    for (const { bucket } of buckets) await kv.deleteBucket(soon(), bucket);
    for (const [bucket, { options }] of Object.entries(OWN_BUCKETS))
      await kv.createBucket(soon(), bucket, { ...options, max_value_size: 5 });
    const example = examples.find(({ error }) => !error);
    if (!example) continue; // What it does needs another kvflow, or a warehouse.
    for (const { function: given, input } of example.given ?? []) await kvflow.call(given, input);
    const answer = await kvflow.invoke(name, example.input);
    if ('error' in answer) faults.push(`${name}: ${JSON.stringify(answer.error)}`);
  }
  expect(faults).toEqual([]);
}, 120_000);

test('buckets of ours - the start and the check name them, and what to change', async () => {
  await using kvflow = joinNats({ servers: [server.url] });
  const { kv } = kvflow.nats;
  await remake(kv, IDEMPOTENCY_BUCKET, { max_value_size: 5 });
  await remake(kv, SCRIPT_STATE_BUCKET, { history: 5, key_ttl: true, key_encoding: 'base64' });
  const lines: string[] = [];
  await warnOfOwnBuckets(kv, line => lines.push(line));
  const told = (name: string) => lines.find(line => line.startsWith(`Bucket "${name}"`));
  expect(told(IDEMPOTENCY_BUCKET)).toContain('it needs max_value_size: -1.');
  expect(told(SCRIPT_STATE_BUCKET)).toContain('it needs history: 1.');
  const { buckets } = await kv.listBuckets(soon());
  expect(ownBucketFaults(buckets)).toHaveLength(lines.length);
});

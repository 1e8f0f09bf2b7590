import { expect, test } from '@jest/globals';
import type { Call } from '../../../runtime/core/call.ts';
import type { Handles } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createErase } from '../../../runtime/nats/kv/write/erase.ts';
import { late } from '../../../runtime/nats/request-errors.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';
import { startCluster } from '../../support/topologies.ts';

const bucket = 'state';

test('erase - takes an item out and leaves no marker', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, { history: 5, key_ttl: true });
  await kv.put(soon(), { bucket, key: 'a.1', value: 'x' });
  const { revision } = await kv.put(soon(), { bucket, key: 'a.1', value: 'y' });
  await kv.put(soon(), { bucket, key: 'a.2', value: 'z' });
  expect(await kv.erase(soon(), { bucket, key: 'a.1', upTo: revision })).toBe(true);
  expect(await kv.get(soon(), { bucket, key: 'a.1' })).toBeUndefined();
  expect(await kv.history(soon(), bucket, 'a.1')).toEqual([]);
  expect(await kv.keys(soon(), bucket, '>')).toEqual(['a.2']);
  expect(await kv.erase(soon(), { bucket, key: 'a.1', upTo: revision })).toBe(false);
});

test('erase - leaves what was written after the revision', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  const { revision } = await kv.put(soon(), { bucket, key: 'a', value: 'x' });
  const again = await kv.put(soon(), { bucket, key: 'a', value: 'y' });
  expect(await kv.erase(soon(), { bucket, key: 'a', upTo: revision })).toBe(false);
  expect(await kv.get(soon(), { bucket, key: 'a' })).toMatchObject({ revision: again.revision });
  expect(await kv.erase(soon(), { bucket, key: 'a', upTo: Number.MAX_SAFE_INTEGER })).toBe(true);
});

test('erase - a pattern is no key, and a bucket that is not there is told', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  for (const key of ['*', '>', 'a.*']) {
    await expect(kv.erase(soon(), { bucket, key, upTo: 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  }
  const gone = { bucket: 'nowhere', key: 'a', upTo: 1 };
  await expect(kv.erase(soon(), gone)).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
  await expect(kv.keys(soon(), 'nowhere', '>')).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
});

test('erase - while nobody answers it is asked again every second, however long that lasts', async () => {
  const given: number[] = [];
  const ask = async ({ deadline }: Call) => {
    given.push(deadline - Date.now());
    if (given.length < 9) throw late();
    return { purged: 1 };
  };
  const origin = { api: { ask }, stream: 'KV_b', readPrefix: '$KV.b.' };
  const open = async () => ({ origin, codec: { encode: (key: string) => key } });
  const erase = createErase({ open } as never as Handles);
  expect(await erase(soon(), { bucket, key: 'a', upTo: 1 })).toBe(true);
  expect(given).toHaveLength(9);
  expect(Math.max(...given)).toBeLessThanOrEqual(1_000);
});

test('keys - lists those of a pattern, sorted, decoded, however many there are', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, { key_encoding: 'base64' });
  for (const key of ['user.ü', 'user.a', 'other', 'user.a.b'])
    await kv.put(soon(), { bucket, key, value: 'x' });
  expect(await kv.keys(soon(), bucket, 'user.*')).toEqual(['user.a', 'user.ü']);
  expect(await kv.keys(soon(), bucket, 'nobody.*')).toEqual([]);
});

test('keys - over replicas every acknowledged write is listed, whichever server is asked', async () => {
  await using cluster = await startCluster(3);
  await using first = joinNats({ servers: [cluster.urls[0] ?? ''] });
  await using second = joinNats({ servers: [cluster.urls[1] ?? ''] });
  await first.nats.kv.createBucket(soon(), bucket, { num_replicas: 3 });
  for (let i = 0; i < 200; i++) {
    await first.nats.kv.put(soon(), { bucket, key: `v${i}.e`, value: 'x' });
    expect(await second.nats.kv.keys(soon(), bucket, `v${i}.*`)).toEqual([`v${i}.e`]);
  }
}, 60_000);

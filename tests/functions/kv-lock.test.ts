/** kv-lock-acquire, kv-lock-renew and kv-lock-release. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type {
  KvLockAcquireOutput,
  KvLockReleaseOutput,
  KvLockRenewOutput,
} from '../../contract/types.gen.ts';
import { acquire } from '../../runtime/core/lock.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { PATIENCE } from '../support/patience.ts';
import { whileAlive } from '../support/while-alive.ts';
import { bucketOf, MS, madeBucket, SECOND } from './kv.ts';

const bucket = 'locks';

function locksOf(k: TestKvflow) {
  const call = async <T>(name: string, input: object) =>
    (await k.call(name, { bucket, ...input })) as unknown as T;
  return {
    acquire: (key: string, more: object = {}) =>
      call<KvLockAcquireOutput>('kv-lock-acquire', { key, ...more }),
    renew: (key: string, fence = 0, more: object = {}) =>
      call<KvLockRenewOutput>('kv-lock-renew', { key, fence, ...more }),
    release: (key: string, fence = 0) => call<KvLockReleaseOutput>('kv-lock-release', { key, fence }),
  };
}

for (const limit of [1, 3]) {
  test(`kv-lock-acquire - of callers in two processes at most ${limit} hold it at once, and fences grow`, async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    await bucketOf(k, bucket).create({ key_ttl: true });
    let holders = 0;
    let most = 0;
    const fences: number[] = [];
    const worker = async (locks: ReturnType<typeof locksOf>) => {
      for (let job = 0; job < 2; job++) {
        const { acquired, key, fence } = await locks.acquire('l', {
          limit,
          wait: 20 * SECOND,
          ttl: 20 * SECOND,
        });
        expect(acquired).toBe(true);
        fences.push(fence ?? 0);
        holders += 1;
        most = Math.max(most, holders);
        await sleep(2);
        holders -= 1;
        expect((await locks.release(key, fence)).released).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, i) => worker(locksOf(i % 2 ? k : other))));
    expect(most).toBeLessThanOrEqual(limit);
    if (limit === 1) expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(16);
  });
}

test('kv-lock - one that slept past its lease neither renews nor frees nor writes', async () => {
  await using k = await startKvflow();
  const locks = locksOf(k);
  const jobs = await madeBucket(k, bucket, { key_ttl: true });
  const { first, lock } = await whileAlive(200, async ms => {
    const lock = `l.${ms}`;
    const first = await locks.acquire(lock, { holder: 'sleeper', ttl: ms * MS });
    expect(await locks.acquire(lock, { holder: 'next' })).toMatchObject({
      acquired: false,
      held_by: [{ holder: 'sleeper', expires_at: expect.any(String) }],
    });
    // Asked again, the holder has what it has.
    expect(await locks.acquire(lock, { holder: 'sleeper' })).toMatchObject({
      acquired: true,
      fence: first.fence,
    });
    return { first, lock };
  });
  const next = await locks.acquire(lock, { holder: 'next', wait: 20 * SECOND });
  expect(next.acquired).toBe(true);
  expect(next.fence).toBeGreaterThan(first.fence ?? 0);
  const write = (fence = 0, value = '') =>
    k.invoke('kv-transact', {
      bucket,
      checks: [{ key: lock, revision: fence }],
      operations: [{ op: 'put', key: 'result', value }],
    });
  expect(await write(first.fence, 'late')).toMatchObject({ status_code: 409 });
  expect(await write(next.fence, 'right')).toMatchObject({ status_code: 200 });
  expect(await locks.renew(lock, first.fence)).toMatchObject({ renewed: false });
  expect(await locks.release(lock, first.fence)).toMatchObject({ released: false });
  const renewed = await locks.renew(lock, next.fence);
  expect(renewed.fence).toBeGreaterThan(next.fence ?? 0);
  expect(await write(next.fence, 'with the fence before')).toMatchObject({ status_code: 409 });
  expect((await jobs.get('result')).value).toBe('right');
  expect(await locks.release(lock, renewed.fence)).toMatchObject({ released: true });
  expect(await locks.release(lock, renewed.fence)).toMatchObject({ released: false });
});

for (const limit of [1, 2]) {
  test(`kv-lock-acquire - a place of ${limit} that is freed while it is asked for is taken, without any wait`, async () => {
    await using k = await startKvflow();
    const locks = locksOf(k);
    await bucketOf(k, bucket).create({ key_ttl: true });
    const { kv } = k.nats;
    for (let held = 1; held < limit; held++) await locks.acquire('l', { limit });
    let faster = 1;
    // Another has the last place from before the write until right after it was refused.
    const put: typeof kv.put = async (...asked) => {
      if (faster-- <= 0) return await kv.put(...asked);
      const other = await locks.acquire('l', { limit });
      try {
        return await kv.put(...asked);
      } finally {
        await locks.release(other.key, other.fence);
      }
    };
    const ctx = { deadline: Date.now() + 15_000 * PATIENCE, kv: { ...kv, put } };
    const request = { bucket, name: 'l', holder: 'me', ttl: 20 * SECOND, limit };
    expect(await acquire(ctx, request, Date.now())).toMatchObject({ fence: expect.any(Number) });
  });
}

test('kv-lock-acquire - a bucket without a ttl per key says how it gets one', async () => {
  await using k = await startKvflow();
  await bucketOf(k, bucket).create();
  const { code, message } = await k.fail('kv-lock-acquire', { bucket, key: 'l' });
  const wayOut = `allow it with kv-bucket-update {"bucket": "${bucket}", "key_ttl": true}`;
  expect([code, message.slice(-wayOut.length)]).toEqual(['INVALID_INPUT', wayOut]);
});

test('kv-lock - a key that is no lock is told to be taken, and neither shown nor freed nor given an end', async () => {
  await using k = await startKvflow();
  const locks = locksOf(k);
  const items = await madeBucket(k, bucket, { key_ttl: true });
  for (const value of ['secret', '{"holder":"secret","more":1}', '{"holder":7}', '["secret"]', 'null']) {
    const { revision } = await items.put('k', value);
    const busy = await locks.acquire('k', { holder: 'secret' });
    expect(busy.acquired).toBe(false);
    expect(JSON.stringify(busy.held_by)).not.toMatch(/secret|7/);
    expect((await locks.renew('k', revision)).renewed).toBe(false);
    expect((await locks.release('k', revision)).released).toBe(false);
    expect(await items.get('k')).toMatchObject({ value, revision });
  }
});

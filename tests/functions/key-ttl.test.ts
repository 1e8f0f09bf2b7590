import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { isEntry } from '../../runtime/core/ports/items.ts';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { whileAlive } from '../support/while-alive.ts';
import { startWithOfficial } from '../support/with-official.ts';
import type { TestBucket } from './kv.ts';
import { bucketOf, clockIsRight, MS, madeBucket, SECOND, startBucket } from './kv.ts';

/** Milliseconds a read may be early or late about an end. */
const EXACT_MS = 50;

/** Each way to read answers whether the item is there. */
const READS: Record<string, (bucket: TestBucket, key: string) => Promise<boolean>> = {
  'kv-key-get': (bucket, key) =>
    bucket.get(key).then(
      () => true,
      () => false,
    ),
  'kv-key-get-many': async (bucket, key) => (await bucket.getMany([key])).items.length > 0,
  'kv-key-list': async (bucket, key) => (await bucket.list({ filter: key })).items.length > 0,
  'kv-bucket-export': async (bucket, key) => (await bucket.export({ filter: key })).records.length > 0,
  'kv-key-history': async (bucket, key) => (await bucket.history(key)).items[0]?.operation === 'put',
};

describe('a ttl per key', () => {
  // Whatever the load: an answer is wrong only if no moment between asking and hearing it would make it right.
  test.each(Object.keys(READS))('ends an item at the moment it says, to %s', async name => {
    await using bucket = await startBucket('sessions', { key_ttl: true });
    await clockIsRight(bucket.kvflow, 'sessions');
    const ttl = 730;
    // Where this machine was busy until the end it is written again.
    for (let seen = 0; seen === 0; ) {
      const sent = Date.now();
      await bucket.put('a', 'x', { ttl: ttl * MS });
      const stored = Date.now();
      for (let there = true; there; ) {
        const asked = Date.now();
        there = (await READS[name]?.(bucket, 'a')) ?? false;
        const heard = Date.now();
        if (there) expect(asked - stored).toBeLessThanOrEqual(ttl + EXACT_MS);
        else expect(heard - sent).toBeGreaterThanOrEqual(ttl - EXACT_MS);
        seen += there ? 1 : 0;
        await sleep(5);
      }
    }
  });

  test('says when: to the millisecond after it was written', async () => {
    await using bucket = await startBucket('sessions', { key_ttl: true });
    for (const ttl of [1, 999, 1_001, 1_900, 59_999, 86_400_000]) {
      const { expires_at, revision } = await bucket.put('a', 'x', { ttl: ttl * MS });
      expect(expires_at).toBeDefined();
      // Asked after its end, it tells of that.
      const found = await bucket.kvflow.nats.kv.get(soon(), { bucket: 'sessions', key: 'a' });
      const item = found && isEntry(found) ? found : undefined;
      if (!item) expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expires_at ?? '') - EXACT_MS);
      else expect(Date.parse(item.expiresAt ?? '') - Date.parse(item.createdAt)).toBe(ttl);
      expect(item?.revision ?? revision).toBe(revision);
    }
  });

  test('never brings an older value back', async () => {
    await using k = await startKvflow();
    const [sessions, historic] = [bucketOf(k, 'sessions'), bucketOf(k, 'historic')];
    await sessions.create({ key_ttl: true });
    await historic.create({ key_ttl: true, history: 5 });
    await sessions.put('a', 'old');
    await sessions.put('a', 'new', { ttl: 200 * MS });
    await historic.put('a', 'old');
    await historic.put('a', 'new', { ttl: 200 * MS });
    for (const bucket of [sessions, historic])
      await eventually(async () => await bucket.fail('kv-key-get', { key: 'a' }));
    for (const wait of [100, 1_000, 1_500]) {
      await sleep(wait);
      expect((await sessions.fail('kv-key-get', { key: 'a' })).code).toBe('KEY_NOT_FOUND');
      const ended = await historic.fail('kv-key-get', { key: 'a' });
      expect(ended).toMatchObject({ code: 'KEY_NOT_FOUND', details: { operation: 'expire' } });
    }
    expect((await historic.history('a')).items).toMatchObject([
      { value: 'old' },
      { operation: 'expire', created_at: expect.any(String) },
    ]);
  });

  test('an item that has ended is told from one that was never written', async () => {
    await using bucket = await startBucket('sessions', { key_ttl: true });
    await bucket.put('a', 'x', { ttl: 100 * MS });
    const ended = await eventually(() => bucket.fail('kv-key-get', { key: 'a' }));
    expect(ended.details).toMatchObject({ operation: 'expire' });
    expect(ended.message).toMatch(/has expired at/);
    expect((await bucket.fail('kv-key-get', { key: 'b' })).details).toBeUndefined();
  });

  test('that ends past what a server can tell is refused, whatever sets it; one before is kept', async () => {
    await using k = await startKvflow();
    const far = Math.floor((Date.UTC(2262, 3, 11) - Date.now()) * MS);
    const near = far - 90 * 86_400 * SECOND;
    for (const history of [1, 3]) {
      const bucket = await madeBucket(k, `h${history}`, { key_ttl: true, history });
      await bucket.put('n', '1', { ttl: near });
      for (const [name, input, pointer = '/ttl'] of [
        ['kv-key-put', { key: 'a', value: 'x', ttl: far }],
        ['kv-key-put', { key: 'a', value: 'x', ttl: 9e18, expected_revision: 0 }],
        ['kv-key-get-or-put', { key: 'a', value: 'x', ttl: far }],
        ['kv-key-append', { key: 'a', value: 'x', ttl: far }],
        ['kv-key-increment', { key: 'a', ttl: far }],
        ['kv-key-increment', { key: 'a', pointer: '/x', ttl: far }],
        ['kv-key-touch', { key: 'n', ttl: far }],
        ['kv-lock-acquire', { key: 'a', ttl: far }],
        ['kv-transact', { operations: [{ op: 'put', key: 'a', value: 'x', ttl: far }] }, '/operations/0/ttl'],
        ['kv-queue-push', { queue: 'q', id: 'i', value: 'x', delay: far }, '/delay'],
      ] as const) {
        const error = await bucket.fail(name, input);
        expect([name, error]).toMatchObject([name, { code: 'INVALID_INPUT', errors: [{ pointer }] }]);
      }
      const { items } = await bucket.putMany([{ key: 'a', value: 'x', ttl: far }]);
      expect(items).toMatchObject([{ status_code: 400 }]);
      expect((await bucket.list()).items).toMatchObject([
        { key: 'n', expires_at: expect.stringMatching(/^2262-01/) },
      ]);
    }
  });

  test('leaves no marker behind for good', async () => {
    await using bucket = await startBucket('sessions', { key_ttl: true });
    await bucket.putMany(['a', 'b', 'c'].map(key => ({ key, value: 'x', ttl: 1 * SECOND })));
    await eventually(async () => expect(await bucket.info()).toMatchObject({ values: 0, bytes: 0 }));
    expect(await bucket.put('a', 'y', { expected_revision: 0 })).toMatchObject({ key: 'a' });
  });

  test('of the official client is honoured as it stands', async () => {
    await using k = await startWithOfficial();
    const bucket = await madeBucket(k, 'sessions', { key_ttl: true });
    const kv = await k.official.kvm.open('sessions');
    const got = await whileAlive(2_000, async ms => {
      await kv.create(`a.${ms}`, 'x', `${ms / 1_000}s`);
      return { ms, ...(await bucket.get(`a.${ms}`)) };
    });
    expect(Date.parse(got.expires_at ?? '') - Date.parse(got.created_at)).toBe(got.ms);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { KvKeyHistoryOutput } from '../../contract/types.gen.ts';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { bucketOf, ENDS, SECOND, startBucket } from './kv.ts';

describe('kv-key-history', () => {
  test('lists values and markers oldest first', async () => {
    await using prefs = await startBucket('prefs', { history: 10 });
    await prefs.put('a', 'one');
    await prefs.put('b', 'of another key');
    await prefs.put('a', { two: 2 });
    await prefs.remove('a');
    await prefs.put('a', '/w==', { encoding: 'base64' });
    expect((await prefs.history('a')).items).toMatchObject([
      { value: 'one', revision: 1, operation: 'put' },
      { value: '{"two":2}', revision: 3, operation: 'put' },
      { revision: 4, operation: 'delete' },
      { value: '/w==', encoding: 'base64', revision: 5, operation: 'put' },
    ]);
  });

  test('by a filter: every revision of the keys that match comes once, in order, while others write', async () => {
    await using prefs = await startBucket('prefs', { history: 64 });
    const put = (round: number) => prefs.putMany([1, 2].map(n => ({ key: `user.${n}`, value: `${round}` })));
    for (let round = 0; round < 20; round++) await put(round);
    await prefs.put('other', 'x');
    await prefs.remove('user.1');
    const revisions: number[] = [];
    let start_seq = 0;
    for (let more = true; more; ) {
      const page = (await prefs.kvflow.call('kv-key-history', {
        bucket: 'prefs',
        filter: 'user.*',
        limit: 7,
        start_seq,
      })) as unknown as KvKeyHistoryOutput;
      if (start_seq === 0) await put(20);
      expect(page.items.every(({ key }) => key?.startsWith('user.'))).toBe(true);
      revisions.push(...page.items.map(({ revision }) => revision));
      [start_seq = 0, more = false] = [page.next_seq, page.has_more];
    }
    const kept = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(revisions).toEqual([...kept, 42, 43, 44]);
    const last = await prefs.kvflow.call('kv-key-history', {
      bucket: 'prefs',
      filter: 'user.*',
      start_seq: 41,
      limit: 1,
    });
    expect(last).toMatchObject({
      items: [{ key: 'user.1', operation: 'delete', revision: 42 }],
      has_more: true,
    });
  });

  test('by a filter: a page ends by its bytes', async () => {
    await using prefs = await startBucket('prefs', { history: 64 });
    for (let index = 0; index < 24; index++) await prefs.put('a', 'x'.repeat(400_000));
    const page = await prefs.kvflow.call('kv-key-history', { bucket: 'prefs', filter: '>' });
    expect(page).toMatchObject({ has_more: true, next_seq: 20, items: { length: 20 } });
  });

  test('takes a key or a filter, and pages of a filter alone', async () => {
    await using k = await startKvflow();
    await bucketOf(k, 'prefs').create();
    const fail = async (input: object) =>
      (await k.fail('kv-key-history', { bucket: 'prefs', ...input })).errors?.map(({ pointer }) => pointer);
    expect(await fail({})).toEqual(['/key', '/filter']);
    expect(await fail({ key: 'a', filter: 'a' })).toEqual(['/key', '/filter']);
    expect(await fail({ key: 'a', limit: 1, start_seq: 0 })).toEqual(['/start_seq', '/limit']);
    expect(await fail({ filter: 'a..b' })).toEqual(['/filter']);
  });

  test('keeps as many as the bucket does, 64 at most', async () => {
    await using prefs = await startBucket('prefs', { history: 64 });
    await prefs.putMany(Array.from({ length: 70 }, (_, index) => ({ key: 'a', value: `v${index}` })));
    const { items } = await prefs.history('a');
    expect(items.map(item => item.value)).toEqual(Array.from({ length: 64 }, (_, index) => `v${index + 6}`));
  });

  test('of 64 large values the newest come whole, and those left out are named', async () => {
    await using prefs = await startBucket('prefs', { history: 64 });
    const value = 'x'.repeat(400_000);
    for (let index = 0; index < 64; index++) await prefs.put('a', value);
    const { items, left_out = [] } = await prefs.history('a');
    expect(left_out).toEqual(items.slice(0, 44).map(({ revision }) => revision));
    expect(items.slice(44).map(item => item.value?.length)).toEqual(new Array(20).fill(400_000));
    expect(await prefs.get('a', { revision: left_out[0] })).toMatchObject({ value });
  });

  test('of many keys does not mix them', async () => {
    await using prefs = await startBucket('prefs', { history: 3 });
    const items = Array.from({ length: 900 }, (_, index) => ({ key: `k${index % 300}`, value: `v${index}` }));
    await prefs.putMany(items);
    const all = await Promise.all(Array.from({ length: 300 }, (_, index) => prefs.history(`k${index}`)));
    for (const [index, { items }] of all.entries()) {
      expect(items.map(item => item.value)).toEqual([`v${index}`, `v${index + 300}`, `v${index + 600}`]);
    }
  });

  test('a key that was never written has none', async () => {
    await using prefs = await startBucket('prefs');
    const error = await prefs.fail('kv-key-history', { key: 'a' });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', status_code: 404 });
  });

  test.each(ENDS)('tells that a key was $name', async ({ end, operation }) => {
    await using prefs = await startBucket('prefs', { key_ttl: true });
    await end(prefs, 'a');
    const { items } = await prefs.history('a');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ operation });
    expect(items[0]?.value).toBeUndefined();
  });

  test('overwritten values of a bucket with a ttl expire one by one', async () => {
    await using prefs = await startBucket('prefs', { history: 5, ttl: 3600 * SECOND });
    await prefs.put('a', '1');
    await prefs.put('a', '2');
    for (const item of (await prefs.history('a')).items) {
      expect(Date.parse(item.expires_at ?? '') - Date.parse(item.created_at)).toBe(3_600_000);
    }
  });

  test('of a mirror is that of its origin', async () => {
    await using k = await startKvflow();
    const [origin, mirror] = [bucketOf(k, 'origin'), bucketOf(k, 'copy')];
    await origin.create({ history: 5 });
    await origin.put('a', '1');
    await origin.put('a', '2');
    await mirror.create({ history: 5, mirror: { name: 'origin' } });
    await eventually(async () => {
      expect((await mirror.history('a')).items).toEqual((await origin.history('a')).items);
    });
  });
});

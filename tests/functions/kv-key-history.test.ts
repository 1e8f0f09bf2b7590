import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startKvflow } from '../support/kvflow.ts';
import { bucketOf, ENDS, SECOND } from './kv.ts';

describe('kv-key-history', () => {
  test('lists values and markers oldest first', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create({ history: 10 });
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

  test('keeps as many as the bucket does, 64 at most', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create({ history: 64 });
    await prefs.putMany(Array.from({ length: 70 }, (_, index) => ({ key: 'a', value: `v${index}` })));
    const { items } = await prefs.history('a');
    expect(items.map(item => item.value)).toEqual(Array.from({ length: 64 }, (_, index) => `v${index + 6}`));
  });

  test('of 64 large values the newest come whole, and those left out are named', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create({ history: 64 });
    const value = 'x'.repeat(400_000);
    for (let index = 0; index < 64; index++) await prefs.put('a', value);
    const { items, left_out = [] } = await prefs.history('a');
    expect(left_out).toEqual(items.slice(0, 44).map(({ revision }) => revision));
    expect(items.slice(44).map(item => item.value?.length)).toEqual(new Array(20).fill(400_000));
    expect(await prefs.get('a', { revision: left_out[0] })).toMatchObject({ value });
  });

  test('of many keys does not mix them', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create({ history: 3 });
    const items = Array.from({ length: 900 }, (_, index) => ({ key: `k${index % 300}`, value: `v${index}` }));
    await prefs.putMany(items);
    const all = await Promise.all(Array.from({ length: 300 }, (_, index) => prefs.history(`k${index}`)));
    for (const [index, { items }] of all.entries()) {
      expect(items.map(item => item.value)).toEqual([`v${index}`, `v${index + 300}`, `v${index + 600}`]);
    }
  });

  test('a key that was never written has none', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create();
    const error = await prefs.fail('kv-key-history', { key: 'a' });
    expect(error).toMatchObject({ code: 'KEY_NOT_FOUND', status_code: 404 });
  });

  test.each(ENDS)('tells that a key was $name', async ({ end, operation }) => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create({ key_ttl: true });
    await end(prefs, 'a');
    const { items } = await prefs.history('a');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ operation });
    expect(items[0]?.value).toBeUndefined();
  });

  test('overwritten values of a bucket with a ttl expire one by one', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    await prefs.create({ history: 5, ttl: 3600 * SECOND });
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

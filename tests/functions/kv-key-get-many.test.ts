import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { heardOfAll } from '../support/heard-of-all.ts';
import { startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf, ENDS, madeBucket, SECOND, startBucket } from './kv.ts';

describe('kv-key-get-many', () => {
  test('answers 1000 keys in their order', async () => {
    await using bucket = await startBucket('users');
    const keys = Array.from({ length: 1_000 }, (_, index) => `user.${(index * 7) % 1_000}`);
    await bucket.putMany(keys.map(key => ({ key, value: `of ${key}` })));
    const { items, missing } = await bucket.getMany(keys.toReversed());
    expect(items.map(item => item.key)).toEqual(keys.toReversed());
    expect(items.every(item => item.value === `of ${item.key}`)).toBe(true);
    expect(missing).toEqual([]);
  });

  test.each([false, true])(
    '1000 keys as long as keys can be are more than one request has room for: consistent %s',
    async consistent => {
      await using bucket = await startBucket('users', { key_encoding: 'base64' });
      const keys = Array.from({ length: 1_000 }, (_, index) => `${'é'.repeat(480)}${index}`);
      await bucket.putMany(keys.map(key => ({ key, value: 'x' })));
      const { items, missing } = await bucket.getMany([...keys, 'none'].slice(-1_000), { consistent });
      expect([items.length, missing]).toEqual([999, ['none']]);
    },
  );

  test('answers each key as kv-key-get does', async () => {
    await using bucket = await startBucket('users', { key_ttl: true });
    await bucket.put('text', 'Hello');
    await bucket.put('bytes', '/wA=', { encoding: 'base64' });
    await bucket.put('empty', '');
    await bucket.put('brief', 'x', { ttl: 60 * SECOND });
    const keys = ['text', 'bytes', 'empty', 'brief'];
    const singly = await Promise.all(keys.map(key => bucket.get(key)));
    expect((await bucket.getMany(keys)).items).toEqual(singly.map(({ bucket: _b, ...item }) => item));
  });

  test('answers a key once that is named twice', async () => {
    await using bucket = await startBucket('users');
    await bucket.put('a', 'x');
    const { items, missing } = await bucket.getMany(['b', 'a', 'b', 'a']);
    expect(items.map(item => item.key)).toEqual(['a']);
    expect(missing).toEqual(['b']);
  });

  test.each(ENDS)('a key that was $name is missing', async ({ end }) => {
    await using bucket = await startBucket('users', { key_ttl: true });
    await end(bucket, 'a');
    expect(await bucket.getMany(['a'])).toEqual({ items: [], missing: ['a'] });
  });

  test('values of several megabytes come whole, in parts that say what they left out', async () => {
    await using bucket = await startBucket('blobs');
    const keys = Array.from({ length: 60 }, (_, index) => `blob.${index}`);
    await bucket.putMany(keys.map(key => ({ key, value: 'x'.repeat(300_000) })));
    const lengths = new Map<string, number>();
    for (let asked = [...keys, 'none']; asked.length > 0; ) {
      const { items, missing, left_out = [] } = await bucket.getMany(asked);
      for (const { key, value } of items) lengths.set(key, (value as string).length);
      for (const key of missing) lengths.set(key, 0);
      asked = left_out;
    }
    expect(keys.map(key => lengths.get(key))).toEqual(keys.map(() => 300_000));
    expect(lengths.get('none')).toBe(0);
  });

  test('parses JSON and names the key that is none', async () => {
    await using bucket = await startBucket('users');
    await bucket.put('a', { n: [1] });
    await bucket.put('b', 'plain');
    expect((await bucket.getMany(['a'], { json: true })).items[0]?.value).toEqual({ n: [1] });
    const error = await bucket.fail('kv-key-get-many', { keys: ['a', 'b'], json: true });
    expect(error).toMatchObject({ code: 'INVALID_JSON_VALUE', status_code: 422, details: { key: 'b' } });
    expect(error.message).toContain('"b"');
  });

  test('points at the key that cannot be one', async () => {
    await using bucket = await startBucket('users');
    const error = await bucket.fail('kv-key-get-many', { keys: ['a', 'b..c'] });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/keys/1' }] });
    expect((await bucket.fail('kv-key-get-many', { keys: [] })).code).toBe('INVALID_INPUT');
    const many = Array.from({ length: 1_001 }, (_, index) => `k${index}`);
    expect((await bucket.fail('kv-key-get-many', { keys: many })).errors?.[0]?.pointer).toBe('/keys');
  });

  test('reads mirrors and base64 keys', async () => {
    await using k = await startKvflow();
    const [origin, mirror] = [bucketOf(k, 'origin'), bucketOf(k, 'copy')];
    await origin.create({ key_encoding: 'base64' });
    await origin.put('größe 1', 'x');
    await mirror.create({ mirror: { name: 'origin' } });
    await eventually(async () => {
      expect((await mirror.getMany(['größe 1', 'größe 2'])).items).toMatchObject([
        { key: 'größe 1', value: 'x' },
      ]);
    });
  });

  test('a bucket that is not there is no empty one', async () => {
    await using k = await startKvflow();
    expect((await bucketOf(k, 'nowhere').fail('kv-key-get-many', { keys: ['a'] })).code).toBe(
      'BUCKET_NOT_FOUND',
    );
  });

  test('of keys that are not there none is asked for by itself', async () => {
    await using k = await startWithOfficial();
    const bucket = await madeBucket(k, 'users');
    await bucket.put('there', 'x');
    await heardOfAll(k);
    expect((await bucket.getMany(['there'])).missing).toEqual([]);
    let single = 0;
    k.official.nc.subscribe('$JS.API.STREAM.MSG.GET.KV_users', { callback: () => void single++ });
    await k.official.nc.flush();
    const keys = Array.from({ length: 300 }, (_, index) => `nobody.${index}`);
    expect(await bucket.getMany(keys)).toMatchObject({ items: [], missing: keys });
    await k.official.nc.flush();
    expect(single).toBe(0);
    // What shows whose the answer is may have gone since: one question finds what is there instead, or that nothing is.
    await bucket.put('other', 'x');
    await bucket.put('witness', 'x');
    await k.official.jsm.streams.purge('KV_users', { filter: '$KV.users.witness' });
    for (const times of [1, 1]) {
      expect(await bucket.getMany(keys)).toMatchObject({ items: [], missing: keys });
      await k.official.nc.flush();
      expect(single).toBe(times);
    }
    await k.official.jsm.streams.purge('KV_users');
    expect(await bucket.getMany(keys)).toMatchObject({ items: [], missing: keys });
    await k.official.nc.flush();
    expect(single).toBe(2);
    await bucket.put('nobody.7', 'somebody');
    expect((await bucket.getMany(keys)).items.map(({ key }) => key)).toEqual(['nobody.7']);
  });

  test.each(['in the mirror', 'not in the mirror'])(
    'a mirror that lacks keys is not believed, what was written last is %s',
    async where => {
      await using k = await startWithOfficial();
      const bucket = await madeBucket(k, 'b');
      await k.official.addPartialMirror();
      await bucket.put('whole.a', 'x');
      for (let turn = 0; turn < 20; turn++) {
        await bucket.put(where === 'in the mirror' ? 'part.b' : 'whole.b', 'x');
        const { items, missing } = await bucket.getMany(['whole.a', 'whole.c']);
        expect([items.map(({ key }) => key), missing]).toEqual([['whole.a'], ['whole.c']]);
      }
    },
  );
});

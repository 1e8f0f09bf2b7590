/** kv-key-list with `deleted: true`: what is not live any more, and since when. */
import { expect, test } from '@jest/globals';
import type { ListItem } from '../../contract/types.gen.ts';
import { calls, listAll } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf, ENDS, startBucket } from './kv.ts';

const bucket = 'b';
const deleted = true;
const gone = (items: ListItem[]) => items.map(({ key, operation }) => [key, operation]);

for (const history of [1, 8]) {
  test(`kv-key-list deleted - history ${history}: deleted and purged keys once each, whatever came before, and no live one`, async () => {
    await using b = await startBucket(bucket, { history });
    for (let i = 0; i < 90; i++) {
      await b.put(`key.${i}`, 'x');
      await b.put(`key.${i}`, 'y');
    }
    for (let i = 0; i < 90; i += 3) await b.remove(`key.${i}`);
    for (let i = 1; i < 90; i += 9) await b.purge({ key: `key.${i}` });
    // Deleted and written again: alive. Deleted twice: once.
    await b.put('key.3', 'back');
    await b.put('key.6', 'back');
    await b.remove('key.6');
    const wanted = [
      ...Array.from({ length: 30 }, (_, i) => [`key.${i * 3}`, 'delete']),
      ...Array.from({ length: 10 }, (_, i) => [`key.${1 + i * 9}`, 'purge']),
      ['key.6', 'delete'],
    ].filter(([key], index) => key !== 'key.3' && !(key === 'key.6' && index < 10));
    for (const limit of [1000, 7, 1]) {
      const items = await listAll(b.kvflow, { bucket, deleted, limit });
      expect(gone(items)).toEqual(wanted);
      const sequences = items.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    }
    // Without it, as ever: live ones, and no word of an operation.
    const live = await listAll(b.kvflow, { bucket, deleted: false });
    expect(live).toHaveLength(90 - 39);
    expect(live.filter(item => 'operation' in item)).toEqual([]);
  });

  test(`kv-key-list deleted - history ${history}: says when and by which revision, without a value, under a filter`, async () => {
    await using b = await startBucket(bucket, { history });
    for (const key of ['user.1', 'user.2', 'team.1']) await b.put(key, 'v');
    await b.remove('user.1');
    const { revision } = await b.remove('team.1');
    const [change] = (await b.history('team.1')).items.slice(-1);
    expect(await b.list({ deleted, filter: 'team.>' })).toEqual({
      items: [{ key: 'team.1', sequence: revision, created_at: change?.created_at, operation: 'delete' }],
      next_seq: revision,
      has_more: false,
    });
    expect((await b.list({ deleted, start_seq: revision })).items).toEqual([]);
    expect(gone((await b.list({ deleted, filter: '*.1' })).items)).toEqual([
      ['user.1', 'delete'],
      ['team.1', 'delete'],
    ]);
  });
}

for (const { name, operation, end } of ENDS) {
  test(`kv-key-list deleted - a key that is ${name} is listed as it reads`, async () => {
    await using b = await startBucket(bucket, { key_ttl: true });
    await b.put('live', 'v');
    await end(b, 'key');
    const { items } = await b.list({ deleted });
    expect(gone(items)).toEqual([['key', operation]]);
    expect((await b.fail('kv-key-get', { key: 'key' })).details).toEqual({
      operation,
      deleted_at: items[0]?.created_at,
    });
  });
}

test('kv-key-list deleted - a deleted key is brought back from its history, and is listed no more', async () => {
  await using b = await startBucket(bucket, { history: 5 });
  const { revision } = await b.put('key', 'old');
  await b.remove('key');
  expect(gone((await b.list({ deleted })).items)).toEqual([['key', 'delete']]);
  await b.revert('key', revision, { expected_revision: 0 });
  expect(await b.get('key')).toMatchObject({ value: 'old' });
  expect((await b.list({ deleted })).items).toEqual([]);
  expect(gone((await b.list()).items)).toEqual([['key', undefined]]);
});

test('kv-key-list deleted - keys of base64 come as they were put', async () => {
  await using b = await startBucket(bucket, { key_encoding: 'base64' });
  await b.put('a b.ü', 'v');
  await b.remove('a b.ü');
  expect(gone((await b.list({ deleted, filter: 'a b.*' })).items)).toEqual([['a b.ü', 'delete']]);
});

test("kv-key-list deleted - a mirror knows what was deleted in its origin; a bucket's mirror does not disturb it", async () => {
  await using k = await startKvflow();
  const [origin, mirror] = [bucketOf(k, 'origin'), bucketOf(k, 'mirror')];
  await origin.create({ history: 3 });
  await mirror.create({ history: 3, mirror: { name: 'origin' } });
  for (const key of ['a', 'b', 'c']) await origin.put(key, 'v');
  await origin.remove('b');
  await origin.purge({ key: 'c' });
  const wanted = [
    ['b', 'delete'],
    ['c', 'purge'],
  ];
  expect(gone((await origin.list({ deleted })).items)).toEqual(wanted);
  await eventually(async () => expect(gone((await mirror.list({ deleted })).items)).toEqual(wanted));
  expect(gone(await listAll(k, { bucket: 'mirror', deleted, limit: 1 }))).toEqual(wanted);
});

test('kv-key-list deleted - few among very many live keys: a page may end early and says where to go on', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket, storage: 'memory' });
  await k.official.fill(bucket, 120_000, i => [`key.${i}`, '']);
  await bucketOf(k, bucket).remove('key.7');
  const first = await calls.list(k, { bucket, deleted });
  expect(first).toMatchObject({ items: [], has_more: true });
  expect(first.next_seq).toBeGreaterThanOrEqual(100_000);
  expect(first.next_seq).toBeLessThan(120_000);
  // Another process goes on just as well.
  await using other = joinNats(k.joined);
  for (const one of [other, k]) {
    const second = await calls.list(one, { bucket, deleted, start_seq: first.next_seq });
    expect(second).toMatchObject({ items: [{ key: 'key.7', operation: 'delete' }], has_more: false });
  }
}, 60_000);

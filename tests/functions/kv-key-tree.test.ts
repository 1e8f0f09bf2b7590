import { expect, jest, test } from '@jest/globals';
import type { KvKeyTreeInput, KvKeyTreeOutput, TreeChild } from '../../contract/types.gen.ts';
import keyTree from '../../functions/kv-key-tree.ts';
import type { FunctionContext } from '../../runtime/core/define-function.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf, ENDS, startBucket } from './kv.ts';

const tree = async (k: TestKvflow, input: Omit<KvKeyTreeInput, 'bucket'> = {}) =>
  (await k.call('kv-key-tree', { bucket: 'b', ...input })) as unknown as KvKeyTreeOutput;

/** All steps of a level, counts added up as a caller does it. */
async function wholeLevel(k: TestKvflow, input: Omit<KvKeyTreeInput, 'bucket'>) {
  const children = new Map<string, TreeChild>();
  let [steps, scanned, start_seq] = [0, 0, 0];
  for (let more = true; more; steps++) {
    const answer = await tree(k, { ...input, start_seq });
    for (const child of answer.children) {
      const before = children.get(child.name);
      children.set(child.name, { ...before, ...child, keys: child.keys + (before?.keys ?? 0) });
    }
    scanned += answer.scanned;
    [start_seq, more] = [answer.next_seq, answer.has_more];
  }
  return { children: [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), steps, scanned };
}

for (const history of [1, 5]) {
  test(`kv-key-tree - history ${history}: steps add up to what there is, each key once`, async () => {
    await using k = await startWithOfficial();
    await bucketOf(k, 'b').create({ history });
    // Written twice: older revisions are no keys of their own.
    for (const round of ['old', 'new']) {
      await k.official.fill('b', 3_000, i => [`g${i % 3}.${i % 10}.${i}`, `${round} ${i}`]);
    }
    const first = await wholeLevel(k, { limit: 700 });
    expect(first.steps).toBeGreaterThanOrEqual(4);
    expect(first.scanned).toBe(3_000);
    expect(first.children).toEqual([0, 1, 2].map(i => ({ name: `g${i}`, prefix: `g${i}.`, keys: 1_000 })));
    const below = await wholeLevel(k, { prefix: 'g1.', limit: 5_000 });
    expect(below.children).toHaveLength(10);
    expect(below.children[3]).toEqual({ name: '3', prefix: 'g1.3.', keys: 100 });
    expect(await wholeLevel(k, { prefix: 'g1.3.' })).toMatchObject({ scanned: 100 });
  });
}

test('kv-key-tree - by its cursor each key is counted once, whatever is written meanwhile', async () => {
  await using bucket = await startBucket('b');
  const k = bucket.kvflow;
  const names = Array.from({ length: 30 }, (_, i) => `g.${i}`);
  for (const name of names) await bucket.put(name, 'x');
  const counted = { cursor: 0, next_seq: 0 };
  let [byCursor, bySeq] = [await tree(k, { limit: 10 }), await tree(k, { limit: 10 })];
  counted.cursor += byCursor.scanned;
  counted.next_seq += bySeq.scanned;
  for (const name of names.slice(0, 5)) await bucket.put(name, 'y');
  while (byCursor.has_more) {
    byCursor = await tree(k, {
      limit: 10,
      ...(byCursor.cursor !== undefined && { cursor: byCursor.cursor }),
    });
    counted.cursor += byCursor.scanned;
  }
  while (bySeq.has_more) {
    bySeq = await tree(k, { limit: 10, start_seq: bySeq.next_seq });
    counted.next_seq += bySeq.scanned;
  }
  expect(counted).toEqual({ cursor: 30, next_seq: 35 });
});

test('kv-key-tree - what was deleted or has expired is in no group', async () => {
  await using bucket = await startBucket('b', { key_ttl: true });
  await bucket.put('live.1', 'x');
  for (const [index, { end }] of ENDS.entries()) await end(bucket, `gone${index}.key`);
  expect((await tree(bucket.kvflow)).children).toEqual([{ name: 'live', prefix: 'live.', keys: 1 }]);
});

test('kv-key-tree - any delimiter, and any text as a key', async () => {
  await using bucket = await startBucket('b', { key_encoding: 'base64' });
  const k = bucket.kvflow;
  for (const key of ['a b/ü.x/1', 'a b/ü.x/2', 'a b/100%', '*.>']) await bucket.put(key, 'x');
  expect((await tree(k, { delimiter: '/' })).children).toEqual([
    { name: '*.>', key: '*.>', keys: 0 },
    { name: 'a b', prefix: 'a b/', keys: 3 },
  ]);
  expect((await tree(k, { delimiter: '/', prefix: 'a b/' })).children).toEqual([
    { name: '100%', key: 'a b/100%', keys: 0 },
    { name: 'ü.x', prefix: 'a b/ü.x/', keys: 2 },
  ]);
  expect((await tree(k, { prefix: 'a b/ü.' })).children).toEqual([
    { name: 'x/1', key: 'a b/ü.x/1', keys: 0 },
    { name: 'x/2', key: 'a b/ü.x/2', keys: 0 },
  ]);
});

test('kv-key-tree - a filter and a prefix hold both', async () => {
  await using bucket = await startBucket('b');
  for (const key of ['u.1.theme', 'u.1.cart', 'u.2.cart', 'v.1.cart']) await bucket.put(key, 'x');
  const answer = await tree(bucket.kvflow, { filter: '*.*.cart', prefix: 'u.' });
  expect(answer.children.map(({ name, keys }) => [name, keys])).toEqual([
    ['1', 1],
    ['2', 1],
  ]);
  expect(answer.scanned).toBe(2);
  expect((await tree(bucket.kvflow, { filter: 'v.>', prefix: 'u.' })).children).toEqual([]);
});

test('kv-key-list - without values says how large they are, and large ones make no page shorter', async () => {
  await using bucket = await startBucket('b');
  const value = 'x'.repeat(900_000);
  for (let i = 0; i < 12; i++) await bucket.put(`key.${i}`, value);
  const page = await bucket.list({ include_values: false });
  expect(page.items).toHaveLength(12);
  expect(page.items[0]).toEqual({ key: 'key.0', sequence: 1, size: 900_000, created_at: expect.any(String) });
  expect((await bucket.list()).items[0]).toMatchObject({ size: 900_000, value });
});

test('kv-key-tree - where reading takes long, what there is by half of the time is answered, with where to go on', async () => {
  let now = 1_000_000;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
  let pages = 0;
  // Each page takes a second, and there is always more.
  const listPage = async () => {
    now += 1_000;
    pages += 1;
    return { entries: [{ key: `a.${pages}` }], hasMore: true, nextSeq: pages, cursor: `c${pages}` };
  };
  const ctx = { deadline: now + 10_000, kv: { listPage } } as unknown as FunctionContext;
  expect(await keyTree.run({ bucket: 'b' }, ctx).finally(() => clock.mockRestore())).toMatchObject({
    children: [{ name: 'a', keys: 5 }],
    scanned: 5,
    next_seq: 5,
    has_more: true,
  });
});

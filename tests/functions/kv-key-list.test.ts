import { expect, test } from '@jest/globals';
import type { ListItem } from '../../contract/types.gen.ts';
import { calls, listAll, pairs } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { startKvflow } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { whileAlive } from '../support/while-alive.ts';
import { startWithOfficial } from '../support/with-official.ts';

const SECOND = 1_000_000_000;
const bucket = 'b';

for (const history of [1, 64]) {
  test(`kv-key-list - history ${history}: each live key once among deleted, purged and rewritten ones`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket, history });
    const live = await seedWithDead(k, 400);
    for (const limit of [1000, 37, 1]) {
      expect(pairs(await listAll(k, { bucket, limit }))).toEqual(live);
    }
  });

  test(`kv-key-list - history ${history}: items come in the order of their sequence, with revision and time`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket, history });
    await seedWithDead(k, 60);
    const items = await listAll(k, { bucket, limit: 7 });
    const sequences = items.map(item => item.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
    for (const item of items.slice(0, 5)) {
      const read = await calls.get(k, { bucket, key: item.key });
      expect(read).toMatchObject({
        value: item.value,
        revision: item.sequence,
        created_at: item.created_at,
      });
    }
  });

  test(`kv-key-list - history ${history}: a bucket where everything is deleted has no items`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history });
    const kv = await k.official.kvm.open(bucket);
    for (let i = 0; i < 150; i++) {
      await kv.put(`key.${i}`, 'x');
      await (i % 2 ? kv.delete(`key.${i}`) : kv.purge(`key.${i}`));
    }
    const page = { items: [], next_seq: 0, has_more: false };
    expect(await calls.list(k, { bucket, limit: 10 })).toEqual(page);
  });

  test(`kv-key-list - history ${history}: items that outlived the bucket's ttl are gone at once`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket, history, ttl: 700_000_000 });
    for (const key of ['a', 'b', 'c']) await calls.put(k, { bucket, key, value: 'old' });
    await goneOnRead(k, 'c');
    let items: ListItem[];
    let since: number;
    // Where this machine was busy until they ended they are written again.
    do {
      since = performance.now();
      await calls.put(k, { bucket, key: 'b', value: 'new' });
      await calls.put(k, { bucket, key: 'd', value: 'new' });
      ({ items } = await calls.list(k, { bucket }));
    } while (performance.now() - since >= 700);
    expect(pairs(items)).toEqual([
      ['b', 'new'],
      ['d', 'new'],
    ]);
    expect(items[0]?.expires_at).toBeDefined();
  });

  test(`kv-key-list - history ${history}: keys another client gave a ttl leave no trace when they expire`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history, key_ttl: true });
    const kv = await k.official.kvm.open(bucket);
    await kv.create('long', 'y', '1h');
    const { short, revision } = await whileAlive(1_000, async ms => {
      const short = `short.${ms}`;
      const revision = await kv.create(short, 'x', `${ms / 1_000}s`);
      expect(pairs(await listAll(k, { bucket, filter: '*' }))).toEqual([['long', 'y']]);
      expect(pairs(await listAll(k, { bucket, filter: short }))).toEqual([[short, 'x']]);
      return { short, revision };
    });
    // The server has left its own marker where the key was: that is what must not be listed.
    await eventually(async () => {
      expect((await kv.get(short))?.operation ?? 'none').not.toBe('PUT');
      const { last_seq } = (await calls.buckets(k, {})).buckets[0] ?? {};
      expect(last_seq).toBeGreaterThan(revision);
    });
    expect(pairs(await listAll(k, { bucket }))).toEqual([['long', 'y']]);
  });
}

test('kv-key-list - a ttl below a second is exact although the server counts seconds', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, key_ttl: true });
  await calls.put(k, { bucket, key: 'kept', value: 'v', ttl: 3600 * SECOND });
  await using official = await connectOfficial(k.joined);
  const isStored = async (seq: number) => (await official.jsm.streams.getMessage('KV_b', { seq })) !== null;
  let seen = false;
  // The server deletes it a second after it was written: where this machine was busy for so long it is tried again.
  while (!seen) {
    const put = await calls.put(k, { bucket, key: 'brief', value: 'v', ttl: 0.25 * SECOND });
    const before = await calls.list(k, { bucket });
    const wasAlive = Date.now() < Date.parse(put.expires_at ?? '');
    await goneOnRead(k, 'brief');
    const after = await listAll(k, { bucket });
    seen = wasAlive && (await isStored(put.revision));
    if (!seen) continue;
    expect(before.items.map(item => item.key)).toEqual(['kept', 'brief']);
    expect(pairs(after)).toEqual([['kept', 'v']]);
  }
});

test('kv-key-list - filters by a key, one token and the rest', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, history: 5 });
  const keys = ['user.1', 'user.2', 'user.2.mail', 'team.1', 'user', 'users.1'];
  for (const key of keys) await calls.put(k, { bucket, key, value: key });
  const filtered = async (filter: string, limit = 100) =>
    (await listAll(k, { bucket, filter, limit })).map(item => item.key);
  expect(await filtered('user.*')).toEqual(['user.1', 'user.2']);
  expect(await filtered('user.>', 1)).toEqual(['user.1', 'user.2', 'user.2.mail']);
  expect(await filtered('*.1', 1)).toEqual(['user.1', 'team.1', 'users.1']);
  expect(await filtered('user')).toEqual(['user']);
  expect(await filtered('*', 1)).toEqual(['user']);
  expect(await filtered('>', 2)).toEqual(keys);
  expect(await filtered('nothing.>')).toEqual([]);
});

for (const filter of ['.user', 'user..x', 'user.>.x', 'us*', 'a b', 'user.>x', 'ü']) {
  test(`kv-key-list - refuses the filter ${JSON.stringify(filter)} and says where`, async () => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    const error = await k.fail('kv-key-list', { bucket, filter });
    expect(error).toMatchObject({
      status_code: 400,
      code: 'INVALID_INPUT',
      errors: [{ pointer: '/filter' }],
    });
  });
}

test('kv-key-list - include_values false leaves values out and nothing else', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  await seedWithDead(k, 40);
  const full = await listAll(k, { bucket, limit: 9 });
  const bare = await listAll(k, { bucket, limit: 9, include_values: false });
  expect(bare).toEqual(full.map(({ value: _value, ...rest }) => rest));
});

test('kv-key-list - an empty bucket and a start beyond the end give an empty last page', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  expect(await calls.list(k, { bucket })).toEqual({ items: [], next_seq: 0, has_more: false });
  await calls.put(k, { bucket, key: 'a', value: 'b' });
  const beyond = await calls.list(k, { bucket, start_seq: 5_000 });
  expect(beyond).toEqual({ items: [], next_seq: 5_000, has_more: false });
});

test('kv-key-list - a page that is exactly full knows whether more follow', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  for (const key of ['a', 'b', 'c', 'd']) await calls.put(k, { bucket, key, value: key });
  const first = await calls.list(k, { bucket, limit: 2 });
  expect(first).toMatchObject({ has_more: true, next_seq: 2 });
  const second = await calls.list(k, { bucket, limit: 2, start_seq: 2 });
  expect(second).toMatchObject({ has_more: false, next_seq: 4 });
  expect((await calls.list(k, { bucket, limit: 4 })).has_more).toBe(false);
});

test('kv-key-list - a bucket with base64 keys lists them as they were put, filtered too', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, key_encoding: 'base64', history: 3 });
  const keys = ['café.Zürich', 'café.東京', 'a b:c/*', '>', 'café.x.y'];
  for (const key of keys) {
    await calls.put(k, { bucket, key, value: 'old' });
    await calls.put(k, { bucket, key, value: key });
  }
  expect((await listAll(k, { bucket, limit: 2 })).map(item => [item.key, item.value])).toEqual(
    keys.map(key => [key, key]),
  );
  const some = await listAll(k, { bucket, filter: 'café.*', limit: 1 });
  expect(some.map(item => item.key)).toEqual(['café.Zürich', 'café.東京']);
});

test('kv-key-list - values that are not UTF-8 come as base64, text of any kind as it is', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]).toString('base64');
  await calls.put(k, { bucket, key: 'bytes', value: bytes, encoding: 'base64' });
  await calls.put(k, { bucket, key: 'json', value: { a: [1] } });
  await calls.put(k, { bucket, key: 'empty', value: '' });
  await calls.put(k, { bucket, key: 'text', value: 'nul \u0000 and 🦜' });
  const { items } = await calls.list(k, { bucket });
  expect(items).toMatchObject([
    { key: 'bytes', value: bytes, encoding: 'base64' },
    { key: 'json', value: '{"a":[1]}' },
    { key: 'empty', value: '' },
    { key: 'text', value: 'nul \u0000 and 🦜' },
  ]);
  expect(items.filter(item => item.encoding)).toHaveLength(1);
});

/** Keys of every fate, written by the official client; answers those that live. */
async function seedWithDead(k: TestKvflow, count: number): Promise<[string, string][]> {
  await using official = await connectOfficial(k.joined);
  const kv = await official.kvm.open(bucket);
  const live = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const key = `key.${String(i).padStart(4, '0')}`;
    await kv.put(key, `first ${i}`);
    live.set(key, `first ${i}`);
    const other = `key.${String((i * 7) % (i + 1)).padStart(4, '0')}`;
    if (i % 5 === 1) await kv.delete(other);
    if (i % 5 === 2) await kv.purge(other);
    if (i % 5 === 1 || i % 5 === 2) live.delete(other);
    if (i % 3 === 0) {
      await kv.put(other, `again ${i}`);
      live.set(other, `again ${i}`);
    }
  }
  return [...live].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function goneOnRead(k: TestKvflow, key: string): Promise<void> {
  await eventually(async () => {
    expect((await k.fail('kv-key-get', { bucket, key })).code).toBe('KEY_NOT_FOUND');
  });
}

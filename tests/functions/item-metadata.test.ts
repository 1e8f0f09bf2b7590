/** metadata and content_type of items: where they are answered, what keeps them and what replaces them. */
import { expect, test } from '@jest/globals';
import { bucketOf, madeBucket, SECOND, startBucket } from './kv.ts';

const bucket = 'b';
const about = { content_type: 'application/json', metadata: { owner: 'Zoë 😀', __proto__x: '', 'a.b': '1' } };

test('metadata and content type are answered wherever an item is', async () => {
  await using items = await startBucket(bucket, { history: 3 });
  const k = items.kvflow;
  await items.put('one', { n: 1 }, about);
  await items.putMany([{ key: 'many', value: '[]', ...about }]);
  await items.transact([{ op: 'put', key: 'transact', value: '[]', ...about }]);
  await items.import([{ key: 'imported', value: '[]', ...about }]);
  const gotOrPut = () => k.call('kv-key-get-or-put', { bucket, key: 'got', value: '[]', ...about });
  expect(await gotOrPut()).toMatchObject({ created: true, ...about });
  expect(await gotOrPut()).toMatchObject({ created: false, ...about });
  const keys = ['one', 'many', 'transact', 'imported', 'got'];
  for (const key of keys) expect(await items.get(key)).toMatchObject(about);
  for (const more of [{}, { consistent: true }]) {
    const { items: got } = await items.getMany(keys, more);
    expect(got).toMatchObject(keys.map(key => ({ key, ...about })));
  }
  for (const include_values of [true, false]) {
    const { items: listed } = await items.list({ include_values });
    expect(listed).toMatchObject(keys.map(key => ({ key, ...about })));
  }
  const { items: found } = await k.call('kv-key-find', { bucket, query: 'one' });
  expect(found).toMatchObject([{ key: 'one', ...about }]);
  expect((await items.history('one')).items).toMatchObject([about]);
  expect((await items.watch({ start: 'current' })).events).toMatchObject(
    keys.map(key => ({ key, ...about })),
  );
  const { records } = await items.export();
  const copy = await madeBucket(k, 'copy');
  await copy.import(records);
  expect(await copy.get('one')).toMatchObject({ ...about, value: '{"n":1}' });
});

test('what changes an item keeps its metadata and content type, and a put replaces them', async () => {
  await using items = await startBucket(bucket, { history: 5, key_ttl: true });
  const k = items.kvflow;
  await bucketOf(k, 'other').create();
  const call = (name: string, input: object) => k.call(name, { bucket, key: 'a', ...input });
  await items.put('a', { n: 1, list: [] }, { ...about, ttl: 600 * SECOND });
  const changes: [name: string, work: () => Promise<unknown>][] = [
    ['touch', () => items.touch('a', { ttl: 900 * SECOND })],
    ['touch without a ttl', () => items.touch('a', { ttl: 0 })],
    ['increment by pointer', () => items.increment('a', { pointer: '/n' })],
    ['patch', () => call('kv-key-patch', { merge: { m: 1 } })],
    ['transact', () => items.transact([{ op: 'increment', key: 'a', pointer: '/n' }])],
    ['copy there and back', () => call('kv-key-copy', { to: 'c' })],
    ['rename', () => call('kv-key-rename', { key: 'c', to: 'a', overwrite: true })],
  ];
  for (const [name, change] of changes) {
    await change();
    expect([name, await items.get('a')]).toMatchObject([name, about]);
  }
  await call('kv-key-copy', { to: 'a', to_bucket: 'other' });
  expect(await bucketOf(k, 'other').get('a')).toMatchObject(about);
  for (const [key, value, change] of [
    ['counter', '1', () => items.increment('counter')],
    ['text', 'x', () => call('kv-key-append', { key: 'text', value: 'y', as: 'text' })],
    ['both', '[]', () => call('kv-key-append', { key: 'both', value: 'y' })],
  ] as const) {
    await items.put(key, value, about);
    // Twice: a counter of this process is not read again.
    await change();
    await change();
    expect(await items.get(key)).toMatchObject(about);
  }
  const { revision } = await items.get('a');
  await items.put('a', 'plain', { content_type: 'text/plain' });
  const { metadata, content_type } = await items.get('a');
  expect([metadata, content_type]).toEqual([undefined, 'text/plain']);
  await items.revert('a', revision);
  expect(await items.get('a')).toMatchObject(about);
});

test('within one transaction a change keeps what the put before it has, not what was stored', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  await items.put('a', '1', { ...about, ttl: 600 * SECOND });
  const put = { op: 'put', key: 'a', value: '5', metadata: { new: 'yes' } };
  await items.transact([put, { op: 'increment', key: 'a' }]);
  const { created_at: _, ...found } = await items.get('a');
  expect(found).toEqual({ bucket, key: 'a', value: '6', revision: 3, metadata: { new: 'yes' } });
});

test('metadata that is too large, or a content type that is no header, is told with its place', async () => {
  await using items = await startBucket(bucket);
  const large = { metadata: { a: 'é'.repeat(600) } };
  expect((await items.fail('kv-key-put', { key: 'a', value: '', ...large })).errors).toMatchObject([
    { pointer: '/metadata', message: expect.stringContaining('1024') },
  ]);
  const operations = [
    { op: 'delete', key: 'b' },
    { op: 'put', key: 'a', value: '', ...large },
  ];
  expect((await items.fail('kv-transact', { operations })).errors).toMatchObject([
    { pointer: '/operations/1/metadata' },
  ]);
  const { items: answers } = await items.putMany([
    { key: 'a', value: '', ...large },
    { key: 'b', value: '' },
  ]);
  expect(answers).toMatchObject([{ error: { code: 'INVALID_INPUT' } }, { data: { key: 'b' } }]);
  for (const content_type of ['a/b\r\nNats-TTL: 1', `a/${'b'.repeat(300)}`, '']) {
    const { errors } = await items.fail('kv-key-put', { key: 'a', value: '', content_type });
    expect(errors?.[0]?.pointer).toBe('/content_type');
  }
  await items.put('a', '', { metadata: { a: 'é'.repeat(490) }, content_type: 'a'.repeat(255) });
  expect((await items.get('a')).metadata).toEqual({ a: 'é'.repeat(490) });
});

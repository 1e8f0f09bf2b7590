/** kv-key-patch, -append, -get-or-put, -rename, -copy, and -increment with a pointer: what they share and what is special. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { childPath } from '../support/children.ts';
import { startKvflow, startWithServer } from '../support/kvflow.ts';
import { bucketOf, madeBucket, SECOND, startBucket } from './kv.ts';

const bucket = 'b';
const MANY = 20;
const CHILD = childPath('changes-child');
const many = <T>(work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: MANY }, (_, i) => work(i)));

test('changes by many callers at once are all made, by each function', async () => {
  await using items = await startBucket(bucket);
  const k = items.kvflow;
  await many(i => k.call('kv-key-patch', { bucket, key: 'doc', merge: { [`m${i}`]: i }, initial: {} }));
  await many(i => k.call('kv-key-append', { bucket, key: 'list', value: `v${i}` }));
  await many(() => k.call('kv-key-append', { bucket, key: 'text', value: 'x', as: 'text' }));
  await many(() => items.increment('limit', { pointer: '/count' }));
  const put = await many(i => k.call('kv-key-get-or-put', { bucket, key: 'one', value: `v${i}` }));
  const { items: found } = await items.getMany(['doc', 'list', 'text', 'limit', 'one']);
  const [doc, list, text, limit, one] = found.map(({ value }) => String(value));
  expect(Object.keys(JSON.parse(doc ?? ''))).toHaveLength(MANY);
  expect(new Set(JSON.parse(list ?? '') as string[]).size).toBe(MANY);
  expect(text).toBe('x'.repeat(MANY));
  expect(limit).toBe(`{"count":${MANY}}`);
  expect(put.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(put.map(({ value }) => value))).toEqual(new Set([one]));
});

test('changes by two processes at once are all made, by each function', async () => {
  await using k = await startWithServer();
  const items = await madeBucket(k, bucket);
  const child = spawn(process.execPath, ['--no-warnings', CHILD, k.server.url, bucket, String(MANY)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let ended = false;
  const exited = once(child, 'exit').finally(() => (ended = true));
  await Promise.race([once(child.stdout, 'data'), exited]);
  let made = 0;
  // For as long as the other is at work.
  do {
    const i = made++;
    await k.call('kv-key-patch', { bucket, key: 'doc', merge: { [`m${i}`]: i }, initial: {} });
    await k.call('kv-key-append', { bucket, key: 'list', value: `m${i}` });
    await items.increment('count');
    await items.increment('limit', { pointer: '/count' });
  } while (!ended);
  expect(await exited).toEqual([0, null]);
  const all = MANY + made;
  const { items: found } = await items.getMany(['doc', 'list', 'count', 'limit']);
  const [doc, list, count, limit] = found.map(({ value }) => JSON.parse(String(value)));
  expect([Object.keys(doc).length, new Set(list).size, list.length]).toEqual([all, all, all]);
  expect([count, limit]).toEqual([all, { count: all }]);
}, 30_000);

test('kv-key-append - keeps the last ones, and never half a character', async () => {
  await using items = await startBucket(bucket);
  const k = items.kvflow;
  for (const value of ['a', { b: 1 }, ['c']])
    await k.call('kv-key-append', { bucket, key: 'l', value, max: 2 });
  expect((await items.get('l')).value).toBe('[{"b":1},["c"]]');
  await items.put('t', 'a😀');
  const text = { key: 't', as: 'text' };
  expect(await k.call('kv-key-append', { bucket, ...text, value: 'b', max: 2 })).toMatchObject({ length: 2 });
  expect((await items.get('t')).value).toBe('😀b');
  expect(await k.call('kv-key-append', { bucket, ...text, value: 'c😀d', max: 2 })).toMatchObject({
    length: 2,
  });
  expect((await items.get('t')).value).toBe('😀d');
  expect(await items.fail('kv-key-append', { key: 't', value: 'c' })).toMatchObject({
    code: 'INVALID_JSON_VALUE',
  });
});

test('kv-key-append - text goes to text alone, and what would change bytes is refused', async () => {
  await using items = await startBucket(bucket);
  const bytes = '/wD+';
  await items.put('bytes', bytes, { encoding: 'base64' });
  for (const [key, value, pointer] of [
    ['bytes', 'x', '/as'],
    ['t', 'half \ud800', '/value'],
    ['t', '\udc00 half', '/value'],
  ]) {
    const error = await items.fail('kv-key-append', { key, value, as: 'text' });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer }] });
  }
  expect((await items.get('bytes')).value).toBe(bytes);
  expect((await items.fail('kv-key-get', { key: 't' })).code).toBe('KEY_NOT_FOUND');
});

test('kv-key-increment - counts within an object and leaves the rest of it as it is', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  await items.put('user', '{"id":90071992547409931,"seen":{"n":4},"list":[1]}');
  expect(await items.increment('user', { pointer: '/seen/n', by: 3, max: 7 })).toMatchObject({
    value: 7,
    applied: true,
  });
  expect(await items.increment('user', { pointer: '/seen/n', max: 7 })).toMatchObject({
    value: 7,
    applied: false,
  });
  await items.increment('user', { pointer: '/list/0' });
  expect((await items.get('user')).value).toBe('{"id":90071992547409931,"seen":{"n":7},"list":[2]}');
  for (const pointer of ['/list', '/list/7', '/seen/n/deeper', 'seen']) {
    const { code } = await items.fail('kv-key-increment', { key: 'user', pointer });
    expect(['NOT_A_NUMBER', 'INVALID_INPUT']).toContain(code);
  }
  const first = await items.increment('window', { pointer: '/count', ttl: 60 * SECOND });
  const second = await items.increment('window', { pointer: '/count', ttl: 90 * SECOND });
  expect(Math.abs(Date.parse(second.reset_at ?? '') - Date.parse(first.reset_at ?? ''))).toBeLessThan(1_000);
});

test('changes - a fault of a key points to the property that named it', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  await items.put('a', '{}');
  for (const bad of ['x*', '_kvflow/guard']) {
    for (const [name, input, pointer] of [
      ['kv-key-rename', { key: 'a', to: bad }, '/to'],
      ['kv-key-rename', { key: 'a', to: bad, overwrite: true }, '/to'],
      ['kv-key-rename', { key: bad, to: 'b' }, '/key'],
      ['kv-key-copy', { key: 'a', to: bad }, '/to'],
      ['kv-key-copy', { key: 'a', to: bad, overwrite: true }, '/to'],
      ['kv-key-copy', { key: bad, to: 'b' }, '/key'],
      ['kv-key-copy', { key: bad, to: 'b', overwrite: true }, '/key'],
      ['kv-key-copy', { key: bad, to: 'b', expected_revision: 1 }, '/key'],
      ['kv-key-append', { key: bad, value: 'x' }, '/key'],
      ['kv-key-patch', { key: bad, merge: {} }, '/key'],
      ['kv-key-get-or-put', { key: bad, value: 'x' }, '/key'],
      ['kv-key-increment', { key: bad, pointer: '/x' }, '/key'],
      ['kv-lock-acquire', { key: bad }, '/key'],
      ['kv-lock-renew', { key: bad, fence: 1 }, '/key'],
      ['kv-lock-release', { key: bad, fence: 1 }, '/key'],
      ['kv-transact', { operations: [{ op: 'delete', key: bad }] }, '/operations/0/key'],
    ] as const) {
      const error = await items.fail(name, input);
      const at = [name, input, error.code, error.errors?.map(fault => fault.pointer)];
      expect(at).toEqual([name, input, 'INVALID_INPUT', [pointer]]);
    }
  }
  expect((await items.list()).items.map(({ key }) => key)).toEqual(['a']);
});

test('kv-key-copy - an item with a ttl goes to no bucket where it would live for good', async () => {
  await using k = await startKvflow();
  const [items, plain, short] = [bucketOf(k, bucket), bucketOf(k, 'plain'), bucketOf(k, 'short')];
  await items.create({ key_ttl: true });
  await plain.create();
  await short.create({ ttl: 60 * SECOND, key_ttl: true });
  await items.put('a', 'x', { ttl: 50 * SECOND });
  await short.put('bucket-ends-it', 'x');
  await short.put('a', 'x', { ttl: 50 * SECOND });
  for (const from of [items, short]) {
    const error = await from.fail('kv-key-copy', { key: 'a', to: 'a', to_bucket: 'plain' });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/to_bucket' }] });
    expect(error.message).toContain('kv-bucket-update {"bucket": "plain", "key_ttl": true}');
  }
  const kept = { bucket: 'short', key: 'bucket-ends-it', to: 'b', to_bucket: 'plain' };
  expect(await k.call('kv-key-copy', kept)).not.toHaveProperty('expires_at');
  await plain.update({ key_ttl: true });
  const copied = await k.call('kv-key-copy', { bucket, key: 'a', to: 'a', to_bucket: 'plain' });
  expect(copied).toHaveProperty('expires_at');
});

test('kv-key-patch - says what does not fit, and writes nothing then', async () => {
  await using items = await startBucket(bucket);
  await items.put('a', { list: [1, 2], o: {} });
  const cases: [patch: object[], code: string, pointer?: string][] = [
    [[{ op: 'add', path: '/list/5', value: 1 }], 'INVALID_INPUT', '/patch/0'],
    [
      [
        { op: 'add', path: '/x', value: 1 },
        { op: 'remove', path: '/none' },
      ],
      'INVALID_INPUT',
      '/patch/1',
    ],
    [[{ op: 'move', path: '/o/in', from: '/o' }], 'INVALID_INPUT', '/patch/0/path'],
    [[{ op: 'copy', path: '/b' }], 'INVALID_INPUT', '/patch/0/from'],
    [[{ op: 'replace', path: '', value: 7 }], 'INVALID_INPUT', ''],
    [[{ op: 'test', path: '/list', value: [1, 3] }], 'REVISION_CONFLICT'],
  ];
  for (const [patch, code, pointer] of cases) {
    const error = await items.fail('kv-key-patch', { key: 'a', patch });
    expect([error.code, error.errors?.[0]?.pointer]).toEqual([code, pointer]);
  }
  const patch = [
    { op: 'move', path: '/first', from: '/list/0' },
    { op: 'copy', path: '/list/-', from: '/first' },
    { op: 'add', path: '/a~1b', value: { __proto__: null } },
    { op: 'add', path: '/__proto__', value: 1 },
  ];
  await items.kvflow.call('kv-key-patch', { bucket, key: 'a', patch });
  expect((await items.get('a')).value).toBe('{"list":[2,1],"o":{},"first":1,"a/b":{},"__proto__":1}');
  expect((await items.get('a')).revision).toBe(2);
});

test('kv-key-rename and kv-key-copy - take the end along, and refuse what is there', async () => {
  await using k = await startKvflow();
  const [items, other] = [bucketOf(k, bucket), bucketOf(k, 'other')];
  await items.create({ key_ttl: true });
  await other.create({ key_ttl: true });
  const { expires_at } = await items.put('a', '/wD+', { encoding: 'base64', ttl: 60 * SECOND });
  const call = (name: string, more: object) => k.call(name, { bucket, ...more });
  const ends = [
    await call('kv-key-copy', { key: 'a', to: 'b' }),
    await call('kv-key-copy', { key: 'a', to: 'c', to_bucket: 'other' }),
    await call('kv-key-rename', { key: 'b', to: 'd' }),
  ].map(each => Date.parse(String(each.expires_at)));
  for (const end of ends) expect(Math.abs(end - Date.parse(expires_at ?? ''))).toBeLessThan(1_500);
  expect((await other.get('c')).value).toBe('/wD+');
  expect((await items.get('d')).value).toBe('/wD+');
  expect((await items.fail('kv-key-get', { key: 'b' })).code).toBe('KEY_NOT_FOUND');
  for (const [name, input, code] of [
    ['kv-key-rename', { key: 'a', to: 'd' }, 'REVISION_CONFLICT'],
    ['kv-key-copy', { key: 'a', to: 'd' }, 'REVISION_CONFLICT'],
    ['kv-key-copy', { key: 'a', to: 'c', to_bucket: 'other' }, 'REVISION_CONFLICT'],
    ['kv-key-rename', { key: 'none', to: 'x' }, 'KEY_NOT_FOUND'],
    ['kv-key-rename', { key: 'a', to: 'a' }, 'INVALID_INPUT'],
    ['kv-key-rename', { key: 'a', to: 'x', expected_revision: 9 }, 'REVISION_CONFLICT'],
  ] as const) {
    expect((await items.fail(name, input)).code).toBe(code);
  }
  await call('kv-key-rename', { key: 'a', to: 'd', overwrite: true });
  expect((await items.fail('kv-key-get', { key: 'x' })).code).toBe('KEY_NOT_FOUND');
});

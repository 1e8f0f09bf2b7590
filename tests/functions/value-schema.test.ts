/** value_schema of buckets: what every kind of write checks, and what a schema may not be. */
import { expect, test } from '@jest/globals';
import { parseExact } from '../../contract/exact-json.ts';
import { eventually } from '../support/eventually.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { bucketOf, madeBucket, SECOND, startBucket } from './kv.ts';

const bucket = 'b';
const person = {
  type: 'object',
  required: ['email'],
  properties: {
    email: { type: 'string', pattern: '^[^@]+@[^@]+$' },
    age: { $ref: '#/$defs/age' },
    tags: { type: 'array', uniqueItems: true, items: { type: ['string', 'object'] } },
  },
  $defs: { age: { type: 'integer', minimum: 0, maximum: 150 } },
};

test('value_schema - every kind of write is checked, and says where the value does not fit', async () => {
  await using items = await startBucket(bucket, { history: 3, key_ttl: true });
  const k = items.kvflow;
  await items.put('old', 'before there was a schema');
  expect(await items.update({ value_schema: person })).toMatchObject({ value_schema: person });
  const good = { email: 'a@b', age: 7, tags: [{ a: 1, b: 2 }, 'x'] };
  await items.put('a', good);
  const wrong = {
    email: 'a',
    age: 151,
    tags: [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
  };
  const places = ['/email', '/age', '/tags'];
  const faults = async (name: string, input: object) =>
    ((await items.fail(name, input)).errors ?? []).map(({ pointer }) => pointer);
  const at = (prefix: string) => places.map(place => prefix + place);
  expect((await faults('kv-key-put', { key: 'b', value: wrong })).toSorted()).toEqual(
    at('/value').toSorted(),
  );
  expect(await faults('kv-key-put', { key: 'b', value: { age: 1 } })).toEqual(['/value/email']);
  expect(await faults('kv-key-put', { key: 'b', value: 'text', expected_revision: 0 })).toEqual(['/value']);
  expect(await faults('kv-key-put', { key: 'b', value: '/w==', encoding: 'base64' })).toEqual(['/value']);
  const operations = [
    { op: 'delete', key: 'old' },
    { op: 'put', key: 'b', value: { ...good, age: -1 } },
  ];
  expect(await faults('kv-transact', { operations })).toEqual(['/operations/1/value/age']);
  expect(await faults('kv-key-patch', { key: 'a', merge: { age: 200 } })).toEqual(['/merge/age']);
  expect(await faults('kv-key-increment', { key: 'a', pointer: '/age', by: 500 })).toEqual(['/by']);
  expect(await faults('kv-key-increment', { key: 'counter' })).toEqual(['']);
  expect(await faults('kv-key-append', { key: 'list', value: 1 })).toEqual(['/value']);
  expect(await faults('kv-key-revert', { key: 'old', revision: 1, expected_revision: 0 })).toEqual([
    '/revision',
  ]);
  expect(await faults('kv-key-rename', { key: 'old', to: 'new' })).toEqual(['/key']);
  const { items: many } = await items.putMany([
    { key: 'c', value: good },
    { key: 'd', value: wrong },
  ]);
  expect(many).toMatchObject([
    { data: { key: 'c' } },
    { error: { code: 'INVALID_INPUT', errors: [{}, {}, {}] } },
  ]);
  const imported = await items.import([
    { key: 'e', value: good },
    { key: 'f', value: 'x' },
  ]);
  expect(imported).toMatchObject({
    imported: 1,
    failed: [{ key: 'f', error: { errors: [{ pointer: '/value' }] } }],
  });
  const script = 'await $kv.set("seen", 1); return event;';
  const state = bucketOf(k, 'state');
  await k.call('transform', { event: {}, script: 'await $kv.get("x"); return event', kv_bucket: 'state' });
  await state.update({ value_schema: { type: 'object' } });
  expect((await k.fail('transform', { event: {}, script, kv_bucket: 'state' })).message).toContain(
    'value_schema',
  );
  // What was there before can be read, listed, given another ttl and deleted.
  expect((await items.get('old')).value).toBe('before there was a schema');
  await items.touch('old', { ttl: 60 * SECOND });
  await items.remove('old');
  await madeBucket(k, 'numbers', { value_schema: { type: 'integer', maximum: 3 } });
  const steps = await Promise.all(
    Array.from({ length: 6 }, () => k.invoke('kv-key-increment', { bucket: 'numbers', key: 'n' })),
  );
  expect(steps.map(({ status_code }) => status_code).toSorted()).toEqual([200, 200, 200, 400, 400, 400]);
});

test('value_schema - another schema holds in another process within a second, and goes with an export', async () => {
  await using one = await startKvflow();
  await using two = joinNats(one.joined);
  const [mine, theirs] = [bucketOf(one, bucket), bucketOf(two, bucket)];
  await mine.create({ value_schema: { type: 'object' } });
  await theirs.put('a', {});
  for (const [value_schema, code] of [
    [{ type: 'array' }, 'INVALID_INPUT'],
    [null, undefined],
    [{ required: ['x'] }, 'INVALID_INPUT'],
  ] as const) {
    await mine.update({ value_schema, metadata: { team: String(code) } });
    const put = async () => {
      const answer = await two.invoke('kv-key-put', { bucket, key: 'a', value: {} });
      expect('error' in answer ? answer.error.code : undefined).toBe(code);
    };
    await eventually(put, { within: 1_000 });
  }
  const { header } = await theirs.export();
  expect(header?.options).toMatchObject({
    value_schema: { required: ['x'] },
    metadata: { team: 'INVALID_INPUT' },
  });
  expect(await one.invoke('kv-bucket-create', { bucket, value_schema: { required: ['x'] } })).toMatchObject({
    error: { code: 'BUCKET_EXISTS' },
  });
});

const doubling = Object.fromEntries(
  Array.from({ length: 30 }, (_, n) => [
    `d${n}`,
    { allOf: [1, 2].map(() => ({ $ref: `#/$defs/d${n + 1}` })) },
  ]),
);

test('value_schema - one that is none, or whose check would not end, is refused; patterns end in time', async () => {
  await using items = await startBucket(bucket);
  const hostile: object[] = [
    { type: 'nothing' },
    { pattern: '(?=lookahead)' },
    { $async: true, type: 'object', required: ['n'] },
    { $ref: '#/$defs/missing' },
    { $ref: 'https://example.com/schema.json' },
    { $ref: '#' },
    { properties: { child: { $ref: '#' } } },
    { $ref: '#/$defs/d0', $defs: { ...doubling, d30: { type: 'object' } } },
    { properties: { a: { $id: 'x', $ref: '#/y' } } },
    { properties: { a: { $anchor: 'x' } } },
    { description: 'x'.repeat(17_000) },
  ];
  for (const value_schema of hostile) {
    const { code, errors } = await items.fail('kv-bucket-update', { value_schema });
    expect([value_schema, code, errors?.[0]?.pointer]).toEqual([
      value_schema,
      'INVALID_INPUT',
      '/value_schema',
    ]);
  }
  await items.update({
    value_schema: { type: 'object', properties: { a: { pattern: '^(a+)+$' }, b: { pattern: '^b$' } } },
  });
  expect(
    (await items.fail('kv-key-put', { key: 'a', value: { a: `${'a'.repeat(50_000)}!`, b: 'b' } })).errors,
  ).toMatchObject([{ pointer: '/value/a' }]);
  await items.update({ value_schema: { type: 'array', uniqueItems: true } });
  await items.put(
    'a',
    Array.from({ length: 20_000 }, (_, n) => ({ n })),
  );
  expect(
    (await items.fail('kv-bucket-create', { bucket: 'm', mirror: { name: 'b' }, value_schema: {} })).errors,
  ).toMatchObject([{ pointer: '/value_schema' }]);
});

test('value_schema - numbers are compared digit by digit, and what a schema would round is refused', async () => {
  await using big = await startBucket('big');
  const fits = async (text: string) => {
    const envelope = await big.kvflow.invoke('kv-key-put', { bucket: 'big', key: 'a', value: text });
    return !('error' in envelope);
  };
  const cases: [schema: Record<string, unknown>, fitting: string[], others: string[]][] = [
    [
      { maximum: 9007199254740992 },
      ['9007199254740992', '9007199254740991.5', '-1e400'],
      ['9007199254740993', '1e400'],
    ],
    [
      { exclusiveMinimum: 9007199254740992 },
      ['9007199254740993', '1e30'],
      ['9007199254740992', '9007199254740991.9'],
    ],
    [{ const: 9007199254740992 }, ['9007199254740992', '9007199254740992.0'], ['9007199254740993']],
    [{ enum: [{ a: 9007199254740992 }] }, ['{"a":9007199254740992}'], ['{"a":9007199254740993}']],
    [
      { multipleOf: 3 },
      ['9007199254740993', '9007199254740993000003'],
      ['9007199254740994', '9007199254740993.5'],
    ],
    [{ type: 'integer' }, ['9007199254740993', '1e400'], ['9007199254740993.5', '0.30000000000000000001']],
    [
      { type: 'array', uniqueItems: true },
      ['[9007199254740992,9007199254740993]', '[{"a":[9007199254740993]},{"a":[9007199254740992]}]'],
      ['[9007199254740993,9007199254740993]', '[{"a":9007199254740993},{"a":9007199254740993}]'],
    ],
    [{ propertyNames: { enum: ['n'] } }, ['{"n":9007199254740993}'], ['{"m":9007199254740993}']],
  ];
  for (const [schema, fitting, others] of cases) {
    await big.update({ value_schema: schema });
    const found = await Promise.all([...fitting, ...others].map(async text => [text, await fits(text)]));
    expect([schema, ...found]).toEqual([
      schema,
      ...fitting.map(text => [text, true]),
      ...others.map(text => [text, false]),
    ]);
  }
  const value_schema = parseExact('{"properties":{"n":{"maximum":9007199254740993}}}');
  const error = await big.fail('kv-bucket-update', { value_schema });
  expect(error.errors).toMatchObject([{ pointer: '/value_schema/properties/n/maximum' }]);
});

import { expect, test } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { startKvflow } from '../support/kvflow.ts';
import { bucketOf, startBucket } from './kv.ts';

const bucket = 'b';

test('kv-transact - puts, deletes, counts and patches in one commit, each building on those before', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'user', value: { name: 'Ada', id: [1] } });
  const answer = await bucketOf(k, bucket).transact([
    { op: 'put', key: 'a', value: '5' },
    { op: 'increment', key: 'a', by: 2 },
    { op: 'increment', key: 'stats', pointer: '/seen/count', by: 3 },
    { op: 'patch', key: 'user', merge: { name: null, theme: 'dark' } },
    { op: 'patch', key: 'user', patch: [{ op: 'add', path: '/id/-', value: 2 }] },
    { op: 'delete', key: 'gone' },
  ]);
  const revisions = answer.results.map(({ revision }) => revision);
  expect(revisions).toEqual([2, 3, 4, 5, 6, 7]);
  expect(answer).toMatchObject({ results: [{}, { value: 7 }, { value: 3 }, {}, {}, {}] });
  const { items } = await bucketOf(k, bucket).getMany(['a', 'stats', 'user'], {
    json: true,
    consistent: true,
  });
  expect(items.map(({ value }) => value)).toEqual([7, { seen: { count: 3 } }, { id: [1, 2], theme: 'dark' }]);
});

test('kv-transact - writes nothing when one operation cannot be made, and says which', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'text', value: 'no number' });
  await calls.put(k, { bucket, key: 'big', value: '{"id":12345678901234567890}' });
  const first = { op: 'put', key: 'a', value: '1' };
  const cases: [operation: object, code: string, message: RegExp][] = [
    [{ op: 'increment', key: 'text' }, 'NOT_A_NUMBER', /"text"/],
    [{ op: 'patch', key: 'text', merge: { a: 1 } }, 'INVALID_JSON_VALUE', /"text"/],
    [{ op: 'patch', key: 'none', merge: { a: 1 } }, 'KEY_NOT_FOUND', /initial/],
    [{ op: 'patch', key: 'big' }, 'INVALID_INPUT', /merge/],
    [{ op: 'delete', key: 'text', value: 'x' }, 'INVALID_INPUT', /does not belong/],
    [{ op: 'put', key: 'b' }, 'INVALID_INPUT', /required/],
    [{ op: 'put', key: 'b', value: 'x', ttl: 1_000_000_000 }, 'INVALID_INPUT', /key_ttl/],
    [{ op: 'put', key: 'a', value: 'x', expected_revision: 0 }, 'INVALID_INPUT', /before/],
    [{ op: 'put', key: 'sp ace', value: 'x' }, 'INVALID_INPUT', /characters/],
    [{ op: 'put', key: 'text', value: 'x', expected_revision: 9 }, 'REVISION_CONFLICT', /revision 1/],
  ];
  for (const [operation, code, message] of cases) {
    const error = await k.fail('kv-transact', { bucket, operations: [first, operation] });
    expect([error.code, error.message, error.errors?.[0]?.pointer ?? '/operations/1']).toEqual([
      code,
      expect.stringMatching(message),
      expect.stringMatching(/^\/operations\/1/),
    ]);
  }
  expect((await k.fail('kv-key-get', { bucket, key: 'a' })).code).toBe('KEY_NOT_FOUND');
  // Numbers that JavaScript cannot hold stay as they are.
  await k.call('kv-transact', { bucket, operations: [first, { op: 'patch', key: 'big', merge: { b: 1 } }] });
  expect((await calls.get(k, { bucket, key: 'big' })).value).toBe('{"id":12345678901234567890,"b":1}');
});

test('kv-transact - a conflict names every key that is not as expected, and checks alone are a read of all', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  for (const key of ['a', 'b', 'c']) await calls.put(k, { bucket, key, value: '1' });
  const checks = [
    { key: 'a', revision: 1 },
    { key: 'b', revision: 7 },
    { key: 'none', revision: 0 },
    { key: 'gone', revision: 5 },
  ];
  const conflicts = [
    { key: 'b', expected_revision: 7, current_revision: 2 },
    { key: 'gone', expected_revision: 5, current_revision: 0 },
  ];
  const put = { op: 'put', key: 'd', value: 'x' };
  const late = { ...put, key: 'c', expected_revision: 2 };
  for (const [operations, more] of [
    [[put], []],
    [[put, late], [{ key: 'c', expected_revision: 2, current_revision: 3 }]],
    [[], []],
  ] as const)
    expect(await k.fail('kv-transact', { bucket, checks, operations })).toMatchObject({
      code: 'REVISION_CONFLICT',
      retryable: false,
      details: { conflicts: [...conflicts, ...more] },
    });
  expect((await k.fail('kv-key-get', { bucket, key: 'd' })).code).toBe('KEY_NOT_FOUND');
  const hold = [checks[0], checks[2]];
  expect(await k.call('kv-transact', { bucket, checks: hold, operations: [] })).toEqual({
    bucket,
    results: [],
  });
});

test('kv-transact - a thousand operations, and one more is refused', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const operations = Array.from({ length: 1_000 }, (_, i) => ({
    op: 'put',
    key: `k.${i}`,
    value: String(i),
  }));
  const answer = await bucketOf(k, bucket).transact(operations);
  expect(answer.results.at(-1)).toMatchObject({ revision: 1_000 });
  const more = [...operations, { op: 'delete', key: 'x' }];
  expect(await k.fail('kv-transact', { bucket, operations: more })).toMatchObject({ status_code: 400 });
  const large = { op: 'put', key: 'large', value: 'x'.repeat(1_100_000) };
  const refused = await k.fail('kv-transact', { bucket, operations: [operations[0], large] });
  expect(refused).toMatchObject({ status_code: 413, code: 'VALUE_TOO_LARGE' });
  expect((await calls.get(k, { bucket, key: 'k.0' })).revision).toBe(1);
});

test('kv-transact - ends, counters and their steps outlive a change', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const { expires_at } = await items.put('a', { n: 1 }, { ttl: 60_000_000_000 });
  const kept = await items.transact([
    { op: 'patch', key: 'a', merge: { m: 2 } },
    { op: 'increment', key: 'c' },
  ]);
  const end = Date.parse(kept.results[0]?.expires_at ?? '');
  expect(Math.abs(end - Date.parse(expires_at ?? ''))).toBeLessThan(1_000);
  const steps = await Promise.all(Array.from({ length: 20 }, () => items.increment('c')));
  expect(Math.max(...steps.map(({ value }) => value))).toBe(21);
});

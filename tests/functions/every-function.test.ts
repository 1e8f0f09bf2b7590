import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ERRORS, type ErrorCode, PackError } from '../../contract/errors.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { createInvoke } from '../../runtime/core/invoke.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import { placeOf } from '../../runtime/core/place-faults.ts';
import { testFunctions } from '../suites/test-function.ts';
import type { Accounts } from '../support/accounts.ts';
import { startAccounts } from '../support/accounts.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import { bucketOf } from './kv.ts';

// No list to keep: a function is in the suite because it is in the manifest.
const { functions } = manifest as unknown as Manifest;
let accounts: Accounts;

beforeAll(async () => {
  // One for each example, and one for all calls that are refused.
  accounts = await startAccounts(functions.flatMap(({ examples }) => examples).length + 1);
});
testFunctions(functions, async () => accounts.join());
afterAll(async () => await accounts[Symbol.asyncDispose]());

test('every function - a code that its schema does not name is a fault of the function', async () => {
  const undeclared = createInvoke({
    registry,
    kv: { listBuckets: () => Promise.reject(new PackError('NOT_A_NUMBER', 'No number.')) } as never,
    validateOutput: true,
  });
  const { error } = (await undeclared('kv-bucket-list', {})) as { error?: object };
  expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('NOT_A_NUMBER') });
});

test('every function - a code that is in no table does not compile', () => {
  // @ts-expect-error A check of the types fails where this is taken.
  const code: ErrorCode = 'NO_SUCH_CODE';
  expect(ERRORS).not.toHaveProperty(code);
});

test('every function - what it makes of its input is not what its errors point to', async () => {
  await using k = await startKvflow();
  const jobs = bucketOf(k, 'jobs');
  const properties = { n: { type: 'integer' }, tries: { minimum: 1 } };
  await jobs.create({ value_schema: { type: ['object', 'string', 'array'], properties } });
  const pointers = async (name: string, input: object) =>
    (await jobs.fail(name, input)).errors?.map(({ pointer }) => pointer);
  expect(await pointers('kv-queue-push', { queue: 'q', value: { n: 1 } })).toEqual(['']);
  expect(await pointers('kv-key-put', { key: 'a', value: { n: 'x' } })).toEqual(['/value/n']);
  expect(await pointers('kv-key-patch', { key: 'a', merge: { n: 'x' }, initial: {} })).toEqual(['/merge/n']);
  expect(await pointers('kv-key-increment', { key: 'a' })).toEqual(['']);
  const change = async (operation: object) => await pointers('kv-transact', { operations: [operation] });
  await jobs.put('ok', { n: 1 });
  expect(await change({ op: 'patch', key: 'ok', merge: { n: 'x' } })).toEqual(['/operations/0/merge/n']);
  expect(await change({ op: 'increment', key: 'c', by: 2 })).toEqual(['/operations/0/by']);
  expect(await change({ op: 'increment', key: 'c' })).toEqual(['/operations/0']);
  expect(await pointers('kv-key-tree', { prefix: 'a b.' })).toEqual(['/prefix']);
  await k.call('kv-bucket-create', { bucket: 'plain' });
  await k.call('kv-key-put', { bucket: 'plain', key: 'a', value: '{"n":"x"}' });
  const copy = { bucket: 'plain', key: 'a', to: 'b', to_bucket: 'jobs' };
  expect((await k.fail('kv-key-copy', copy)).errors).toMatchObject([{ pointer: '/key' }]);
  const operations = ['text', { n: 'x' }].map(value => ({ op: 'put', key: 'b', value }));
  expect(await pointers('kv-transact', { operations })).toEqual(['/operations/1/value/n']);
});

test('every function - a number that a template made text is told as such', async () => {
  await using k = await startKvflow();
  const { message } = await k.fail('kv-key-put', { bucket: 'b', key: 'a', value: 'x', ttl: '60000000000' });
  expect(message).toContain('/ttl must be integer, not the text "60000000000": write it without quotes');
});

test('every function - of a pointer only what is in the input or its schema is told', () => {
  const schema = {
    properties: {
      items: { items: { properties: { value: {}, key: {} } } },
      any: { additionalProperties: { properties: { a: {} } } },
      one: { anyOf: [{ type: 'string' }, { properties: { b: {} } }] },
      value: {},
    },
  };
  const input = { items: [{ key: 'a', odd: { deep: 1 } }], value: { x: [1] } };
  const places = {
    '': '',
    '/items/0/value': '/items/0/value',
    '/items/0/odd/deep': '/items/0/odd/deep',
    '/items/1/value': '/items',
    '/value/x/0': '/value/x/0',
    '/value/y': '/value/y',
    '/value/y/z': '/value',
    '/any/name/a/b': '/any/name/a',
    '/one/b': '/one/b',
    '/operations/0/value/x': '/value/x',
    '/operations/1/ttl': '',
    '/nothing': '',
  };
  const found = Object.keys(places).map(pointer => [pointer, placeOf(pointer, input, schema)]);
  expect(Object.fromEntries(found)).toEqual(places);
});

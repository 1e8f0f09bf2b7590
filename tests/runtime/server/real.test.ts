import { beforeAll, expect, test } from '@jest/globals';
import { functions } from '../../../functions/index.gen.ts';
import manifest from '../../../manifest.json' with { type: 'json' };
import { createRegistry } from '../../../runtime/core/registry.ts';
import { endedAtLast, forAll } from '../../support/for-all.ts';
import { startKvflow } from '../../support/kvflow.ts';
import type { TestServer } from './helpers.ts';
import { startServer } from './helpers.ts';

let server: TestServer;

const kvflow = forAll(startKvflow);

beforeAll(async () => {
  const registry = createRegistry(manifest as never, functions);
  server = endedAtLast(await startServer({}, { registry, invoke: kvflow.invoke, kv: kvflow.nats.kv }));
  await call('kv-bucket-create', { bucket: 'real', history: 5 });
});

const call = (name: string, input: unknown, headers = {}) =>
  server.post(`/functions/${name}/invocations`, input, headers);

test('server - puts, gets and lists over HTTP on a real NATS', async () => {
  expect(
    (await call('kv-key-put', { bucket: 'real', key: 'a', value: { name: 'Ada' } })).json.data,
  ).toMatchObject({ revision: 1 });
  expect((await call('kv-key-get', { bucket: 'real', key: 'a', json: true })).json.data.value).toEqual({
    name: 'Ada',
  });
  expect(await call('kv-key-get', { bucket: 'real', key: 'b' })).toMatchObject({
    status: 404,
    json: { error: { code: 'KEY_NOT_FOUND' } },
  });
});

test('server - __proto__ is stored as data inside a value and refused as an option', async () => {
  const value = '{"__proto__":{"admin":true},"constructor":1}';
  await call('kv-key-put', `{"bucket":"real","key":"proto","value":${value}}`);
  expect((await call('kv-key-get', { bucket: 'real', key: 'proto' })).json.data.value).toBe(value);
  const answer = await call('kv-key-put', '{"bucket":"real","key":"k","value":"v","__proto__":{"ttl":1}}');
  expect(answer).toMatchObject({ status: 400, json: { error: { errors: [{ pointer: '/__proto__' }] } } });
});

test('server - every fault of an input at once, with pointers', async () => {
  const { status, json } = await call('kv-key-put', { bucket: 'no spaces', value: 42, extra: 1 });
  expect(status).toBe(400);
  const pointers = json.error.errors.map((fault: { pointer: string }) => fault.pointer).sort();
  expect(pointers).toEqual(['/bucket', '/extra', '/key', '/value']);
});

test('server - a batch makes a bucket, writes a key many times in order, and reads the last', async () => {
  const puts = Array.from({ length: 200 }, (_, n) => ({
    function: 'kv-key-put',
    input: { bucket: 'batch', key: 'k', value: `v${n}` },
  }));
  const { json } = await server.post('/invocations', {
    items: [
      { function: 'kv-bucket-create', input: { bucket: 'batch' } },
      ...puts,
      { function: 'kv-key-get', input: { bucket: 'batch', key: 'k' } },
      { function: 'kv-key-list', input: { bucket: 'batch' } },
    ],
  });
  expect(json.items.filter((item: { status_code: number }) => item.status_code !== 200)).toEqual([]);
  expect(json.items.slice(1, 201).map((item: { data: { revision: number } }) => item.data.revision)).toEqual(
    puts.map((_, n) => n + 1),
  );
  expect(json.items[201].data.value).toBe('v199');
  expect(json.items[202].data.items).toMatchObject([{ key: 'k', value: 'v199' }]);
});

test('server - a put with an Idempotency-Key is one revision however often it is sent', async () => {
  const headers = { 'idempotency-key': 'order-7' };
  const input = { bucket: 'real', key: 'order', value: 'paid' };
  const answers = [await call('kv-key-put', input, headers), await call('kv-key-put', input, headers)];
  expect(new Set(answers.map(answer => answer.text)).size).toBe(1);
  const { revision } = answers[0]?.json.data ?? {};
  expect((await call('kv-key-get', { bucket: 'real', key: 'order' })).json.data.revision).toBe(revision);
});

test('server - 500 puts over many connections are all stored', async () => {
  const keys = Array.from({ length: 500 }, (_, n) => `load.${n}`);
  const answers = await Promise.all(keys.map(key => call('kv-key-put', { bucket: 'real', key, value: key })));
  expect(answers.every(answer => answer.status === 200)).toBe(true);
  const { json } = await call('kv-key-list', { bucket: 'real', filter: 'load.*', limit: 1_000 });
  expect(json.data.items.map((item: { key: string }) => item.key).sort()).toEqual([...keys].sort());
});

import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { serveFunctions } from '../../runtime/nats/service/service.ts';
import { readJsonInput } from '../../runtime/transports/cli/json-input.ts';
import { calls } from '../support/calls.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import { startServed } from '../support/served.ts';

const bucket = 'b';
const EXACT = '{"10":1.0,"9":-0,"a":9007199254740993,"a":[1e400,"\\u00e9",{"b":0.10}]}';
const silent = { info: () => undefined, warn: () => undefined };

test('values - every token of an object comes back over HTTP, by one call, by a batch and by put-many', async () => {
  await using k = await startServed();
  await calls.create(k, { bucket });
  const post = async (path: string, body: string) =>
    await (
      await fetch(k.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    ).text();
  await post('/functions/kv-key-put/invocations', `{"bucket":"b","key":"one", "value" : ${EXACT}}`);
  await post(
    '/invocations',
    `{"items":[{"function":"kv-key-put","input":{"bucket":"b","key":"two","value":${EXACT}}}]}`,
  );
  await post(
    '/functions/kv-key-put-many/invocations',
    `{"bucket":"b","items":[{"key":"three","value":[${EXACT}]}]}`,
  );
  expect((await calls.get(k, { bucket, key: 'one' })).value).toBe(EXACT);
  expect((await calls.get(k, { bucket, key: 'two' })).value).toBe(EXACT);
  expect((await calls.get(k, { bucket, key: 'three' })).value).toBe(`[${EXACT}]`);
  const asked = '{"bucket":"b","key":"one","json":true}';
  const text = `"value":${EXACT},`;
  expect(await post('/functions/kv-key-get/invocations', asked)).toContain(text);
  expect(await post('/invocations', `{"items":[{"function":"kv-key-get","input":${asked}}]}`)).toContain(
    text,
  );
  const many = '{"bucket":"b","keys":["one","two"],"json":true}';
  expect((await post('/functions/kv-key-get-many/invocations', many)).split(text)).toHaveLength(3);
  await calls.put(k, { bucket, key: 'number', value: '9007199254740993' });
  expect(await post('/functions/kv-key-get/invocations', asked.replace('one', 'number'))).toContain(
    '"value":9007199254740993,',
  );
});

test('values - every token comes back over NATS and from the command line', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  const service = serveFunctions({ connection: k.nats.connection, registry, invoke: k.invoke, log: silent });
  await service.started;
  const nc = await k.nats.connection;
  await nc.request('kvflow.fn.kv-key-put', `{"bucket":"b","key":"nats","value":${EXACT}}`);
  const answer = await nc.request('kvflow.fn.kv-key-get', '{"bucket":"b","key":"nats","json":true}');
  expect(answer.string()).toContain(`"value":${EXACT},`);
  await service.stop();
  await k.call(
    'kv-key-put',
    await readJsonInput(`{"bucket":"b","key":"cli","value":${EXACT}}`, Readable.from([])),
  );
  expect((await calls.get(k, { bucket, key: 'cli' })).value).toBe(EXACT);
});

test('values - an idempotency key tells numbers apart that JavaScript takes for one', async () => {
  await using k = await startServed();
  await calls.create(k, { bucket });
  const put = async (value: string) =>
    await fetch(`${k.url}/functions/kv-key-put/invocations`, {
      method: 'POST',
      body: `{"bucket":"b","key":"i","value":{"a":${value}}}`,
      headers: { 'content-type': 'application/json', 'idempotency-key': 'x' },
    });
  expect((await put('9007199254740993')).status).toBe(200);
  expect((await put('9007199254740992')).status).toBe(422);
  expect((await put('9007199254740993')).headers.get('idempotency-replayed')).toBe('true');
});

test('values - half a surrogate pair is refused by name, as a value and as a key of any encoding', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  await calls.create(k, { bucket: 'c', key_encoding: 'base64' });
  const half = '\ud800';
  const refused = { code: 'INVALID_INPUT', message: expect.stringContaining('surrogate') };
  expect(await k.fail('kv-key-put', { bucket, key: 'a', value: `x${half}` })).toMatchObject(refused);
  for (const key of [half, '\udfff', `a.${half}b`]) {
    expect(await k.fail('kv-key-put', { bucket: 'c', key, value: 'x' })).toMatchObject(refused);
    expect(await k.fail('kv-key-get', { bucket: 'c', key })).toMatchObject(refused);
    expect(await k.fail('kv-key-increment', { bucket: 'c', key })).toMatchObject(refused);
    expect(await k.fail('kv-key-list', { bucket: 'c', filter: key })).toMatchObject(refused);
  }
  for (const option of [{ description: half }, { metadata: { a: half } }, { metadata: { [half]: 'a' } }]) {
    expect(await k.fail('kv-bucket-create', { bucket: 'd', ...option })).toMatchObject(refused);
    expect(await k.fail('kv-bucket-update', { bucket, ...option })).toMatchObject(refused);
  }
  await k.call('kv-bucket-update', { bucket, description: '😀', metadata: { a: '😀' } });
  const many = await k.call('kv-key-put-many', {
    bucket: 'c',
    items: [
      { key: half, value: 'x' },
      { key: 'whole', value: half },
      { key: '😀', value: '😀' },
    ],
  });
  expect(
    (many as unknown as { items: { status_code: number }[] }).items.map(item => item.status_code),
  ).toEqual([400, 400, 200]);
});

test('values - JSON nested too deeply to be written into an answer is refused for its key alone', async () => {
  await using k = await startServed();
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'deep', value: '['.repeat(200_000) + ']'.repeat(200_000) });
  await calls.put(k, { bucket, key: 'flat', value: '[1]' });
  const items = ['deep', 'flat'].map(key => ({ function: 'kv-key-get', input: { bucket, key, json: true } }));
  const answer = await fetch(`${k.url}/invocations`, {
    method: 'POST',
    body: JSON.stringify({ items }),
    headers: { 'content-type': 'application/json' },
  });
  const body = (await answer.json()) as { items: { status_code: number; error?: { code: string } }[] };
  expect(body.items.map(item => item.status_code)).toEqual([422, 200]);
  expect(body.items[0]?.error?.code).toBe('INVALID_JSON_VALUE');
});

test.each([`${'[]'.repeat(600)}"`, `${'{'.repeat(600)}"\\`, `${'"'.repeat(1_201)}${'[]'.repeat(600)}`])(
  'values - brackets around a string without an end are told from JSON and end no process (%#)',
  async value => {
    await using k = await startKvflow();
    await calls.create(k, { bucket });
    await calls.put(k, { bucket, key: 'odd', value });
    const noJson = { code: 'INVALID_JSON_VALUE' };
    expect(await k.fail('kv-key-get', { bucket, key: 'odd', json: true })).toMatchObject(noJson);
    expect(await k.fail('kv-key-patch', { bucket, key: 'odd', merge: { a: 1 } })).toMatchObject(noJson);
  },
);

test('values - what is nested too deeply is told so where it is changed', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'deep', value: '['.repeat(501) + ']'.repeat(501) });
  const told = { code: 'INVALID_JSON_VALUE', message: expect.stringContaining('more than 500 deep') };
  expect(await k.fail('kv-key-append', { bucket, key: 'deep', value: '1' })).toMatchObject(told);
});

test('kvflow invoke - input that is nested too deeply is refused by name', async () => {
  const deep = `{"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  await expect(readJsonInput('-', Readable.from([deep]))).rejects.toThrow(/more than 500 deep/);
});

test('kvflow invoke - standard input that is no UTF-8 is refused', async () => {
  const bytes = Buffer.from('{"bucket":"b","key":"bad","value":"a\xffb"}', 'latin1');
  await expect(readJsonInput('-', Readable.from([bytes]))).rejects.toThrow(/not UTF-8/);
});

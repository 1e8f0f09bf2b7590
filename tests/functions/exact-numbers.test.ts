/** Numbers that JavaScript has no exact word for come back digit by digit, whichever way they came and went. */
import { expect, test } from '@jest/globals';
import { parseExact } from '../../runtime/core/json/exact-json.ts';
import { jsonPatch } from '../../runtime/core/json/json-patch.ts';
import { serveMcp } from '../runtime/transports/mcp/helpers.ts';
import { calls } from '../support/calls.ts';
import { startKvflow } from '../support/kvflow.ts';
import { listen } from '../support/served.ts';

const bucket = 'b';
const EXACT = '{"10":0.1000,"a":[12345678901234567890,1e400,-0,{"n":9007199254740993}]}';

/** A kvflow with a bucket, and what tests ask it over HTTP, in text as it is. */
async function startExact() {
  const k = await startKvflow();
  const http = await serveMcp(k);
  await calls.create(k, { bucket, key_ttl: true });
  const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
    const type = { 'content-type': 'application/json', ...headers };
    return await (await fetch(http.url + path, { method: 'POST', body, headers: type })).text();
  };
  return {
    k,
    http,
    post,
    call: (name: string, input: string) => post(`/functions/${name}/invocations`, input),
    value: async (key: string, of = bucket) => (await calls.get(k, { bucket: of, key })).value,
    [Symbol.asyncDispose]: async () => {
      await http[Symbol.asyncDispose]();
      await k[Symbol.asyncDispose]();
    },
  };
}

test('numbers - of an import, an export and a watch', async () => {
  await using t = await startExact();
  await using events = await listen(`${t.http.url}/buckets/b/watch`);
  await events.next(({ event }) => event === 'synced');
  const lines = { 'content-type': 'application/x-ndjson' };
  await t.post('/buckets/b/import', `{"key":"line","value":${EXACT}}\n`, lines);
  await t.call('kv-bucket-import', `{"bucket":"b","records":[{"key":"call","value":${EXACT}}]}`);
  for (const _ of ['line', 'call']) expect((await events.next()).data.value).toBe(EXACT);
  const exported = await (await fetch(`${t.http.url}/buckets/b/export`)).text();
  await t.post('/buckets/c/import?create=true', exported, lines);
  for (const key of ['line', 'call']) expect(await t.value(key, 'c')).toBe(EXACT);
});

test('numbers - of what transform passes on', async () => {
  await using t = await startExact();
  const one = await t.call('transform', `{"event":${EXACT},"script":"throw 1","on_error":"pass"}`);
  expect(one).toContain(`"events":[${EXACT}]`);
  const script = 'if ($.a) throw 1; return $';
  const two = await t.call(
    'transform',
    `{"events":[${EXACT},{"b":1}],"script":"${script}","on_error":"pass"}`,
  );
  expect(two).toContain(`"events":[${EXACT},{"b":1}]`);
});

test.each([
  ['returns nothing', '"script":"export default function (event) {}"'],
  [
    'returns nothing, one after another',
    '"scripts":[{"script":"export default e => {}"},{"script":"export default e => {}"}]',
  ],
  ['has no handler of its type', '"script":"export function onTrack(event) { return null }"'],
  ['returns nothing later', '"script":"export default async e => { await null }"'],
])('numbers - of an event that goes on as it came: its script %s', async (_what, script) => {
  await using t = await startExact();
  expect(await t.call('transform', `{"event":${EXACT},${script}}`)).toContain(`"events":[${EXACT}]`);
  const two = await t.call('transform', `{"events":[{"b":1},${EXACT}],${script}}`);
  expect(two).toContain(`"events":[{"b":1},${EXACT}]`);
  const lines = JSON.stringify(`${EXACT.replace(',', '\r,')}\n`);
  const texts = await t.call('transform', `{"ndjson":${lines},${script}}`);
  expect(JSON.parse(texts).data.ndjson.replaceAll(' ', '')).toBe(`${EXACT}\n`);
});

test('numbers - of a tool of the Model Context Protocol', async () => {
  await using t = await startExact();
  const tool = (name: string, input: string) =>
    t.post(
      '/mcp?toolset=all',
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${input}}}`,
      { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
    );
  await tool('kv-key-put', `{"bucket":"b","key":"a","value":${EXACT}}`);
  expect(await t.value('a')).toBe(EXACT);
  const read = await tool('kv-key-get', '{"bucket":"b","key":"a","json":true}');
  // The result's text is JSON in a JSON string.
  expect(read).toContain(JSON.stringify(`"value":${EXACT}`).slice(1, -1));
});

test('numbers - of a change, an item of a queue, and a test of JSON Patch', async () => {
  await using t = await startExact();
  await t.call('kv-key-append', `{"bucket":"b","key":"list","value":${EXACT},"max":3,"ttl":60000000000}`);
  await t.call('kv-key-append', '{"bucket":"b","key":"list","value":[1.0],"max":3}');
  expect(await t.value('list')).toBe(`[${EXACT},[1.0]]`);
  await t.call('kv-key-patch', `{"bucket":"b","key":"merged","merge":{"x":${EXACT}},"initial":{"y":1e400}}`);
  expect(await t.value('merged')).toBe(`{"y":1e400,"x":${EXACT}}`);
  const add = `[{"op":"add","path":"/z","value":${EXACT}},{"op":"remove","path":"/x"}]`;
  await t.call('kv-key-patch', `{"bucket":"b","key":"merged","patch":${add}}`);
  expect(await t.value('merged')).toBe(`{"y":1e400,"z":${EXACT}}`);
  const patch = `{"op":"patch","key":"merged","merge":{"y":${EXACT},"z":null}}`;
  await t.call('kv-transact', `{"bucket":"b","operations":[${patch}]}`);
  expect(await t.value('merged')).toBe(`{"y":${EXACT}}`);
  await t.call('kv-queue-push', `{"bucket":"b","queue":"q","id":"i","value":${EXACT}}`);
  expect(await t.k.call('kv-queue-take', { bucket, queue: 'q' })).toMatchObject({ value: EXACT });
});

test.each([
  ['12345678901234567890', '12345678901234567891', false],
  ['1e400', '1e401', false],
  ['1e400', '10e399', true],
  ['1.0', '1', true],
  ['-0', '0', true],
  ['0.1', '0.10000', true],
  ['123456789012345678901', '1.23456789012345678901e20', true],
  ['9007199254740993', '9007199254740992', false],
  ['-9007199254740993', '9007199254740993', false],
])('kv-key-patch - whether %s is %s: %s', (a, b, same) => {
  expect(passes(a, b)).toBe(same);
  expect(passes(b, a)).toBe(same);
});

/** Whether a value passes for another. */
function passes(is: string, asked: string): boolean {
  const value = parseExact(`{"n":[${is}]}`);
  try {
    jsonPatch(value, [{ op: 'test', path: '', value: parseExact(`{"n":[${asked}]}`) }], '/patch');
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'REVISION_CONFLICT' });
    return false;
  }
}

/** What an agent is shown and answered unasked: little, and all it needs for the common jobs. */
import { spawn } from 'node:child_process';
import { beforeAll, expect, test } from '@jest/globals';
import { encode } from 'gpt-tokenizer';
import { forAll } from '../../../support/for-all.ts';
import { BEYOND_JSON, expectHostValues } from '../../../support/host-values.ts';
import { postJson } from '../../../support/post-json.ts';
import { MAIN, makePlace } from '../cli/kvflow-process.ts';
import { startMcp } from './helpers.ts';

const it = forAll(startMcp);

beforeAll(async () => {
  await it.kvflow.call('kv-bucket-create', { bucket: 'b', key_ttl: true });
});

interface Result {
  isError?: boolean;
  content: { text: string }[];
  structuredContent: Record<string, unknown>;
}

async function rpc(method: string, params: object = {}, query = '') {
  const response = await postJson(
    `${it.served.url}/mcp${query}`,
    { jsonrpc: '2.0', id: 1, method, params },
    { accept: 'application/json, text/event-stream' },
  );
  const text = await response.text();
  const json = text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? '');
  return { bytes: text.length, ...(JSON.parse(json) as { result: never; error?: { message: string } }) };
}

async function call(name: string, input: object, query = ''): Promise<Result> {
  return (await rpc('tools/call', { name, arguments: input }, query)).result;
}

test('agents - the tools that are shown unasked cost less than 3,000 tokens and 12 kB', async () => {
  const { result, bytes } = await rpc('tools/list');
  const { tools } = result as { tools: { name: string; outputSchema?: unknown }[] };
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'identify-preview',
    'kv-bucket-list',
    'kv-key-delete',
    'kv-key-get',
    'kv-key-list',
    'kv-key-put',
    'kv-key-watch',
    'transform',
  ]);
  expect(tools.filter(({ outputSchema }) => outputSchema)).toEqual([]);
  expect(encode(JSON.stringify(tools)).length).toBeLessThan(3_000);
  expect(bytes).toBeLessThan(12_000);
});

test('agents - other toolsets show the rest, and an unknown one is refused by name', async () => {
  const names = async (query: string) =>
    ((await rpc('tools/list', {}, query)).result as { tools: { name: string }[] }).tools.map(
      ({ name }) => name,
    );
  expect(await names('?toolset=all')).toEqual(
    expect.arrayContaining(['kv-bucket-delete', 'identify', 'transform']),
  );
  expect((await names('?toolset=admin')).every(name => /^kv-(bucket|account)/.test(name))).toBe(true);
  const { error } = await rpc('tools/list', {}, '?toolset=everything');
  expect(error?.message).toContain('Choose one of: default, all, kv, admin');
});

test('agents - a function that is not listed is called by its name', async () => {
  const { structuredContent } = await call('kv-key-increment', { bucket: 'b', key: 'n', ttl: '1h' });
  expect(structuredContent).toMatchObject({ value: 1 });
});

test('agents - scalars and durations in words are taken', async () => {
  const put = await call('kv-key-put', { bucket: 'b', key: 'x', value: 42, ttl: '1h 30m' });
  const minutes = (Date.parse(String(put.structuredContent.expires_at)) - Date.now()) / 60_000;
  expect(Math.round(minutes)).toBe(90);
  expect(await it.kvflow.call('kv-key-get', { bucket: 'b', key: 'x' })).toMatchObject({ value: '42' });
  const wrong = await call('kv-key-put', { bucket: 'b', key: 'x', value: 'v', ttl: 'soon' });
  expect(wrong).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('/ttl must be integer') }],
  });
});

test('agents - every value is stored as in all hosts', async () => {
  const put = (key: string, value: unknown) => {
    const bytes = Buffer.isBuffer(value) && { value: value.toString('base64'), encoding: 'base64' };
    return call('kv-key-put', { bucket: 'values', key, ...(bytes || { value }) });
  };
  await expectHostValues({ kvflow: it.kvflow, host: 'agent', put, without: BEYOND_JSON });
});

test('agents - a key that is not there is an answer, other failures are failures', async () => {
  const missing = await call('kv-key-get', { bucket: 'b', key: 'none' });
  expect(missing).toMatchObject({ structuredContent: { found: false } });
  expect(missing.isError).toBeUndefined();
  expect(await call('kv-key-get', { bucket: 'nowhere', key: 'none' })).toMatchObject({ isError: true });
  expect(await call('kv-key-get', { bucket: 'b', key: 'none' }, '?toolset=all')).toMatchObject({
    isError: true,
  });
});

test('agents - every tool that is shown unasked works', async () => {
  const event = { event_type: 'page', event_id: 'e', user: { anonymous_id: 'a' } };
  const inputs: [name: string, input: object, answer: object][] = [
    ['kv-bucket-list', {}, { buckets: expect.any(Array) }],
    ['kv-key-put', { bucket: 'b', key: 'tools.one', value: { a: 1 } }, { revision: expect.any(Number) }],
    [
      'kv-key-list',
      { bucket: 'b', filter: 'tools.>' },
      { items: [expect.objectContaining({ key: 'tools.one' })] },
    ],
    ['kv-key-get', { bucket: 'b', key: 'tools.one', json: true }, { value: { a: 1 } }],
    ['kv-key-watch', { bucket: 'b', start: 'current', filter: 'tools.>' }, { next: expect.any(Number) }],
    ['kv-key-delete', { bucket: 'b', key: 'tools.one' }, { deleted: true }],
    [
      'transform',
      { script: 'return { ...$, seen: true }', event: { n: 1 } },
      { events: [{ n: 1, seen: true }] },
    ],
    ['identify-preview', { events: [event] }, { visitors: [], rows: [] }],
  ];
  for (const [name, input, answer] of inputs) {
    const result = await call(name, input);
    expect({ name, ...result }).toMatchObject({ name, structuredContent: answer });
    expect(result.isError ?? false).toBe(false);
  }
});

test('agents - keys come first, large values are cut, and the text of a large answer is its beginning', async () => {
  await it.kvflow.call('kv-key-put', { bucket: 'b', key: 'large', value: 'x'.repeat(100_000) });
  const listed = await call('kv-key-list', { bucket: 'b' });
  expect(JSON.stringify(listed.structuredContent)).not.toContain('xxxx');
  const got = await call('kv-key-get', { bucket: 'b', key: 'large' });
  expect(String(got.structuredContent.value)).toMatch(/^x{8000}… \[cut: 100000 characters in all/);
  expect(got.content[0]?.text.length).toBeLessThan(4_500);
  expect(got.content[0]?.text).toContain('structuredContent has all');
});

test('agents on stdio - what was read before the end of input is answered, and so is what is no message', async () => {
  await using place = await makePlace();
  const child = spawn(process.execPath, [MAIN, 'mcp'], {
    cwd: place.path,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = [
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    'this is no JSON',
    '[]',
    '5',
    '{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}',
    '{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
    '{"id":4,"method":"ping"}',
    '{"jsonrpc":"2.0","id":5}',
    // After a byte order mark, several at once, and one whose line end is that of Windows.
    '\ufeff{"jsonrpc":"2.0","id":6,"method":"ping"}',
    '[{"jsonrpc":"2.0","id":7,"method":"ping"},null,{"jsonrpc":"2.0","id":"eight","method":"ping"}]',
    '{"jsonrpc":"2.0","id":9,"method":"ping"}\r',
    '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"kv-bucket-create","arguments":{"bucket":"made"}}}',
    `{"jsonrpc":"2.0","id":10,"method":"ping","params":{"long":"${'x'.repeat(17 * 1024 * 1024)}"}}`,
    '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"kv-bucket-list","arguments":{}}}',
  ];
  const broken = Buffer.from('{"jsonrpc":"2.0","id":11,"method":"ping","params":{"a":"\xff"}}\n', 'latin1');
  child.stdin.end(
    Buffer.concat([Buffer.from(`${lines[0]}\n`), broken, Buffer.from(lines.slice(1).join('\n'))]),
  );
  let out = '';
  for await (const chunk of child.stdout) out += chunk;
  const answers = out
    .trim()
    .split('\n')
    .map(
      line => JSON.parse(line) as { id: number | string | null; error?: { code: number }; result?: Result },
    );
  const codes = (of: null | number) => answers.filter(({ id }) => id === of).map(({ error }) => error?.code);
  expect(codes(null).sort()).toEqual([...Array(6).fill(-32_600), -32_700, -32_700]);
  expect([codes(4), codes(5)]).toEqual([[-32_600], [-32_600]]);
  const answered = answers.flatMap(({ id, result }) => (result ? [id] : []));
  expect(answered.sort()).toEqual([1, 2, 3, 6, 7, 9, 'eight'].sort());
  expect(answers.find(({ id }) => id === 2)?.result?.isError).toBeUndefined();
});

test('agents - numbers have every digit in the text of an answer, beside a long text that is cut', async () => {
  const value = '{"id":9007199254740993,"price":1.0,"list":[1e400]}';
  await it.kvflow.call('kv-key-put', { bucket: 'b', key: 'exact', value });
  const { content } = await call('kv-key-get', { bucket: 'b', key: 'exact', json: true });
  expect(content[0]?.text).toContain(`"value":${value}`);
  await it.kvflow.call('kv-key-put', {
    bucket: 'b',
    key: 'cut',
    value: `{"id":9007199254740993,"text":"${'x'.repeat(9_000)}"}`,
  });
  const cut = await call('kv-key-get', { bucket: 'b', key: 'cut', json: true });
  expect(cut.content[0]?.text).toContain('"id":9007199254740993');
});

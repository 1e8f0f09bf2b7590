import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import { registry } from '../../../support/kvflow.ts';
import { startNats } from '../../../support/nats.ts';
import { isAlive, MAIN, makePlace, natsPid } from '../cli/kvflow-process.ts';
import { CURRENT, textOf, VERSIONS } from './helpers.ts';
import { startStdio } from './start-stdio.ts';
import { updatesOf } from './updates-of.ts';

test.each(VERSIONS)(
  'mcp stdio %s - lists and calls tools on the kvflow that runs',
  async (version, options) => {
    await using place = await makePlace();
    await place.start();
    await using it = await startStdio(place, options);
    expect(it.client.getNegotiatedProtocolVersion()).toBe(version);
    const { tools } = await it.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(registry.list().map(({ name }) => name));
    const created = await it.client.callTool({ name: 'kv-bucket-create', arguments: { bucket: 'b' } });
    expect(created.structuredContent).toMatchObject({ bucket: 'b', created: true });
    const missing = await it.client.callTool({ name: 'kv-key-get', arguments: { bucket: 'b', key: 'k' } });
    expect(missing.isError).toBe(true);
    expect(JSON.parse(textOf(missing as never)).error.code).toBe('KEY_NOT_FOUND');
    const seen = await place.run(['invoke', 'kv-bucket-list', '--compact']);
    expect(bucketsIn(seen.stdout)).toContain('b');
  },
);

test.each(VERSIONS)('mcp stdio %s - tells of changes until it is let go', async (version, options) => {
  await using nats = await startNats();
  await using place = await makePlace();
  await using it = await startStdio(place, options, { env: { NATS_URL: nats.url } });
  await it.client.callTool({ name: 'kv-bucket-create', arguments: { bucket: 'b' } });
  const put = (key: string) =>
    it.client.callTool({ name: 'kv-key-put', arguments: { bucket: 'b', key, value: 'v' } });
  const uri = (key: string) => `kvflow://buckets/b/keys/${key}`;
  const next = updatesOf(it.client);
  const subscribe = async (key: string): Promise<() => Promise<unknown>> => {
    if (version === '2025-11-25') {
      await it.client.subscribeResource({ uri: uri(key) });
      return () => it.client.unsubscribeResource({ uri: uri(key) });
    }
    const stream = await it.client.listen({ resourceSubscriptions: [uri(key)] });
    return () => stream.close();
  };
  const letGo = await subscribe('one');
  await subscribe('two');
  await put('one');
  expect(await next()).toBe(uri('one'));
  await letGo();
  await put('one');
  await put('two');
  expect(await next()).toBe(uri('two'));
});

test('mcp stdio - what cannot be watched is refused, and the conversation goes on', async () => {
  await using nats = await startNats();
  await using place = await makePlace();
  await using it = await startStdio(place, CURRENT, { env: { NATS_URL: nats.url } });
  const missing = 'kvflow://buckets/none';
  await expect(it.client.listen({ resourceSubscriptions: [missing] })).rejects.toMatchObject({
    data: { uri: missing },
  });
  expect((await it.client.callTool({ name: 'kv-bucket-list' })).structuredContent).toMatchObject({
    total: 0,
  });
});

test('mcp stdio - an agent that is limited sees and does no more than it may', async () => {
  await using nats = await startNats();
  await using place = await makePlace();
  const args = ['--read-only', '--functions', 'kv-key-*,kv-bucket-list', '--buckets', 'mine*'];
  await using it = await startStdio(place, CURRENT, { args, env: { NATS_URL: nats.url } });
  const { tools } = await it.client.listTools();
  expect(tools.every(tool => tool.annotations?.readOnlyHint)).toBe(true);
  expect(tools.map(({ name }) => name)).toContain('kv-bucket-list');
  for (const [name, input] of [
    ['kv-key-put', { bucket: 'mine', key: 'k', value: 'v' }],
    ['kv-key-get', { bucket: 'other', key: 'k' }],
    ['kv-bucket-info', { bucket: 'mine' }],
  ] as const) {
    const refused = await it.client.callTool({ name, arguments: input });
    expect(JSON.parse(textOf(refused as never)).error.code).toBe('FORBIDDEN');
  }
});

test('mcp stdio - starts a NATS where none runs, shares it, and leaves nothing running', async () => {
  await using place = await makePlace();
  const it = await startStdio(place);
  await it.client.callTool({ name: 'kv-bucket-create', arguments: { bucket: 'b' } });
  const nats = await natsPid(place.dataDir);
  expect(await isAlive(nats)).toBe(true);
  const seen = await place.run(['invoke', 'kv-bucket-list', '--compact']);
  expect(bucketsIn(seen.stdout)).toContain('b');
  // The client closes our stdin and waits for the process to end by itself.
  await it.client.close();
  expect([await isAlive(it.pid), await isAlive(nats)]).toEqual([false, false]);
});

/** A server whose lines the test writes and reads itself. */
function startRaw(cwd: string, natsUrl: string) {
  const env = { ...getDefaultEnvironment(), NATS_URL: natsUrl };
  return spawn(process.execPath, [MAIN, 'mcp'], { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
}

test('mcp stdio - a line that is no JSON harms nobody, and SIGTERM ends it cleanly', async () => {
  await using nats = await startNats();
  await using place = await makePlace();
  const child = startRaw(place.path, nats.url);
  const lines = createInterface(child.stdout);
  const printed: string[] = [];
  lines.on('line', line => printed.push(line));
  const refused = once(lines, 'line');
  child.stdin.write('this is no JSON\n');
  await refused;
  const answered = once(lines, 'line');
  child.stdin.write(
    `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize })}\n`,
  );
  await answered;
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
  // Nothing but the protocol on stdout.
  expect(printed.map(line => JSON.parse(line))).toMatchObject([
    { id: null, error: { code: -32_700 } },
    { id: 1, result: { protocolVersion: '2025-11-25' } },
  ]);
});

test('mcp stdio - numbers are stored as they were sent, of a batch too', async () => {
  await using nats = await startNats();
  await using place = await makePlace();
  const child = startRaw(place.path, nats.url);
  const value = '{"id":9007199254740993,"price":1.0,"list":[1e400,-0],"id":"again"}';
  const call = (id: number, name: string, input: string) =>
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}","arguments":${input}}}`;
  const put = (id: number, key: string) =>
    call(id, 'kv-key-put', `{"bucket":"b","key":"${key}","value":${value}}`);
  const hello = { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize };
  child.stdin.write(`${JSON.stringify(hello)}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n`);
  child.stdin.write(`${call(2, 'kv-bucket-create', '{"bucket":"b"}')}\n`);
  const lines = createInterface(child.stdout);
  const answers = lines[Symbol.asyncIterator]();
  for (let answer = 0; answer < 2; answer++) await answers.next();
  child.stdin.write(`${put(3, 'one')}\n[${put(4, 'two')}]\n`);
  for (let answer = 0; answer < 2; answer++) await answers.next();
  child.stdin.write(`${call(5, 'kv-key-list', '{"bucket":"b","include_values":true}')}\n`);
  const listed = JSON.parse((await answers.next()).value ?? '');
  const values = listed.result.structuredContent.items.map((item: { value: string }) => item.value);
  expect(values).toEqual([value, value]);
  child.stdin.end();
  expect(await once(child, 'close')).toEqual([0, null]);
});

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
};

test.each([
  [['mcp', 'extra'], 'It takes no arguments'],
  [['mcp', '--functions', ','], '--functions names nothing'],
])('mcp stdio - %j is refused', async (args, text) => {
  await using place = await makePlace();
  expect(await place.run(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(text) });
});

/** Names in what kv-bucket-list printed; kvflow's own log of what agents do to buckets is among them. */
function bucketsIn(stdout: string): string[] {
  return JSON.parse(stdout).buckets.map(({ bucket }: { bucket: string }) => bucket);
}

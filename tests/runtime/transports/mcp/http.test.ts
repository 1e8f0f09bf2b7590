import { expect, test } from '@jest/globals';
import { exampleCalls } from '../../../support/example-calls.ts';
import { forAll } from '../../../support/for-all.ts';
import { registry } from '../../../support/kvflow.ts';
import { makePlace } from '../cli/kvflow-process.ts';
import { connectHttp, startMcp, textOf, VERSIONS } from './helpers.ts';

/** Of the tests that leave nothing behind. */
const shared = forAll(startMcp);

test.each(VERSIONS)('mcp http %s - says who it is and speaks the version', async (version, options) => {
  const mcp = shared;
  await using it = await mcp.connect(options);
  expect(it.client.getNegotiatedProtocolVersion()).toBe(version);
  expect(it.client.getServerVersion()).toMatchObject({ name: 'kvflow', version: registry.version });
  expect(it.client.getInstructions()).toContain('kv-bucket-list');
});

test.each(VERSIONS)(
  'mcp http %s - prompts for common jobs, and buckets and keys to complete',
  async (_v, options) => {
    await using mcp = await startMcp();
    await using it = await mcp.connect(options);
    const { prompts } = await it.client.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain('change-safely');
    const given = { bucket: 'users', key: 'a', change: 'count one up' };
    const { messages } = await it.client.getPrompt({ name: 'change-safely', arguments: given });
    expect(messages).toMatchObject([
      { role: 'user', content: { text: expect.stringMatching(/"users".*expected_revision/s) } },
    ]);
    for (const { name, arguments: taken = [] } of prompts) {
      const all = Object.fromEntries(taken.map(one => [one.name, `<${one.name}>`]));
      const [message] = (await it.client.getPrompt({ name, arguments: all })).messages;
      for (const value of Object.values(all)) expect(JSON.stringify(message)).toContain(value);
    }
    await expect(it.client.getPrompt({ name: 'what-happened', arguments: { bucket: 'b' } })).rejects.toThrow(
      /key/,
    );
    await expect(it.client.getPrompt({ name: 'none' })).rejects.toThrow(/look-around/);
    for (const bucket of ['users', 'user-groups', 'other'])
      await mcp.kvflow.call('kv-bucket-create', { bucket });
    for (const key of ['user.1', 'user.2', 'admin.1'])
      await mcp.kvflow.call('kv-key-put', { bucket: 'users', key, value: 'x' });
    const ref = { type: 'ref/prompt' as const, name: 'what-happened' };
    const complete = async (name: string, value: string, context = {}) =>
      (await it.client.complete({ ref, argument: { name, value }, context: { arguments: context } }))
        .completion.values;
    expect(await complete('bucket', 'user')).toEqual(['user-groups', 'users']);
    expect(await complete('key', 'user.', { bucket: 'users' })).toEqual(['user.1', 'user.2']);
    expect(await complete('key', 'a', { bucket: 'users' })).toEqual(['admin.1']);
    expect(await complete('key', 'a', { bucket: 'nowhere' })).toEqual([]);
  },
);

test.each(VERSIONS)(
  'mcp http %s - every function is a tool with both schemas and annotations',
  async (_v, options) => {
    const mcp = shared;
    await using it = await mcp.connect(options);
    const { tools } = await it.client.listTools();
    expect(tools.map(tool => tool.name)).toEqual(registry.list().map(spec => spec.name));
    for (const spec of registry.list()) {
      const tool = tools.find(({ name }) => name === spec.name);
      expect(tool).toMatchObject({
        title: spec.title,
        description: spec.description,
        inputSchema: spec.input,
        outputSchema: spec.output,
        annotations: {
          readOnlyHint: spec.annotations.readOnly,
          destructiveHint: spec.annotations.destructive,
          idempotentHint: spec.annotations.idempotent,
          openWorldHint: spec.errors.includes('WAREHOUSE_ERROR'),
        },
      });
    }
  },
);

test.each(VERSIONS)(
  'mcp http %s - every example of every tool answers as documented',
  async (_v, options) => {
    await using mcp = await startMcp();
    await using it = await mcp.connect(options);
    // The client checks structured content against the output schemas it has listed.
    await it.client.listTools();
    for (const spec of registry.list()) {
      const [example] = spec.examples;
      if (!example) continue;
      const calls = exampleCalls(spec.name, example, spec.name);
      const [name, input] = calls.pop() ?? [];
      for (const [given, before] of calls) await mcp.kvflow.call(given, before);
      const result = await it.client.callTool({
        name: String(name),
        arguments: input as Record<string, unknown>,
      });
      const failed = result.isError ? textOf(result as never) : undefined;
      expect([spec.name, failed]).toEqual([
        spec.name,
        example.error && expect.stringContaining(example.error),
      ]);
      if (!failed) expect(JSON.parse(textOf(result as never))).toEqual(result.structuredContent);
    }
  },
);

test.each(VERSIONS)(
  'mcp http %s - a failed call has isError and the envelope as text',
  async (_v, options) => {
    const mcp = shared;
    await using it = await mcp.connect(options);
    await it.client.listTools();
    const missing = await it.client.callTool({ name: 'kv-key-get', arguments: { bucket: 'none', key: 'k' } });
    expect(missing).toMatchObject({ isError: true });
    expect(missing.structuredContent).toBeUndefined();
    expect(JSON.parse(textOf(missing as never))).toMatchObject({
      status_code: 404,
      error: { code: 'BUCKET_NOT_FOUND', retryable: false },
    });
    const bad = await it.client.callTool({ name: 'kv-key-put', arguments: { bucket: 'b', colour: 1 } });
    const { error } = JSON.parse(textOf(bad as never));
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual([
      '/colour',
      '/key',
      '/value',
    ]);
  },
);

test.each(VERSIONS)(
  'mcp http %s - a tool that does not exist is a protocol error with the envelope',
  async (_v, options) => {
    const mcp = shared;
    await using it = await mcp.connect(options);
    await expect(it.client.callTool({ name: 'kv-nothing', arguments: {} })).rejects.toMatchObject({
      code: -32602,
      data: { status_code: 404, error: { code: 'FUNCTION_NOT_FOUND' } },
    });
  },
);

test('mcp http - what is no JSON is answered as JSON-RPC says, and a tool without arguments takes no input', async () => {
  await using mcp = await startMcp();
  for (const body of ['garbage', '{"jsonrpc":', Buffer.from([34, 255, 34])]) {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const answer = await fetch(`${mcp.served.url}/mcp`, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32_700 } });
  }
  await using it = await mcp.connect();
  const result = await it.client.callTool({ name: 'kv-bucket-list' });
  expect(result.structuredContent).toEqual({ buckets: [], total: 0 });
});

test('mcp http - many calls at once over many clients all answer', async () => {
  await using mcp = await startMcp();
  await mcp.kvflow.call('kv-bucket-create', { bucket: 'b' });
  await using one = await mcp.connect();
  await using two = await mcp.connect(VERSIONS[1]?.[1]);
  const puts = Array.from({ length: 60 }, (_, n) =>
    (n % 2 ? one : two).client.callTool({
      name: 'kv-key-put',
      arguments: { bucket: 'b', key: `k${n}`, value: `${n}` },
    }),
  );
  expect((await Promise.all(puts)).filter(result => result.isError)).toEqual([]);
  expect(await mcp.kvflow.call('kv-bucket-info', { bucket: 'b' })).toMatchObject({ values: 60 });
});

test('mcp http - GET and DELETE are not taken, bad JSON and other types are refused', async () => {
  const mcp = shared;
  const url = `${mcp.served.url}/mcp`;
  const get = await fetch(url, { headers: { accept: 'text/event-stream' } });
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
  const broken = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{',
  });
  expect(broken.status).toBe(400);
  const plain = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' });
  expect(plain.status).toBe(415);
});

test('mcp http - kvflow start serves it', async () => {
  await using place = await makePlace();
  const server = await place.start();
  await using it = await connectHttp(server.url);
  const created = await it.client.callTool({ name: 'kv-bucket-create', arguments: { bucket: 'b' } });
  expect(created.structuredContent).toMatchObject({ bucket: 'b', created: true });
  await it.client.listen({ resourceSubscriptions: ['kvflow://buckets/b'] });
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
});

test('mcp http - a body that nests too deeply is refused before anybody walks it', async () => {
  const mcp = shared;
  const value = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"kv-key-put","arguments":{"bucket":"b","key":"k","value":${value}}}}`;
  const answer = await fetch(`${mcp.served.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body,
  });
  expect(answer.status).toBe(400);
});

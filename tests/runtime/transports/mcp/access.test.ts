import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { NewApiKey } from '../../../../runtime/access/api-key.ts';
import { createAuthenticator } from '../../../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../../../runtime/access/key-file.ts';
import { sendRaw } from '../../server/helpers.ts';
import { CURRENT, startMcp, textOf, VERSIONS } from './helpers.ts';
import { updatesOf } from './updates-of.ts';

/** A kvflow with two buckets, and API keys. */
async function stage() {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-mcp-'));
  const keys = createKeyFile(join(folder, 'api-keys.json'));
  await keys.add({ name: 'admin' });
  const mcp = await startMcp({ access: createAuthenticator({ keyFile: keys, recheckMs: 0 }) });
  for (const bucket of ['mine', 'other']) {
    await mcp.kvflow.call('kv-bucket-create', { bucket });
    await mcp.kvflow.call('kv-key-put', { bucket, key: 'k', value: 'v' });
  }
  return {
    ...mcp,
    keys,
    as: async (key: NewApiKey, options = CURRENT) => {
      const { key: text } = await keys.add(key);
      return await mcp.connect(options, { authorization: `Bearer ${text}` });
    },
    [Symbol.asyncDispose]: async () => {
      await mcp[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

test.each(VERSIONS)('mcp access %s - without the key that is needed nobody gets in', async (_v, options) => {
  await using mcp = await stage();
  await expect(mcp.connect(options)).rejects.toThrow();
  await expect(mcp.connect(options, { authorization: 'Bearer kvf_wrong' })).rejects.toThrow();
  const answer = await fetch(`${mcp.served.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain('Bearer');
});

test.each(VERSIONS)(
  'mcp access %s - a key sees and calls the functions of its scope',
  async (_v, options) => {
    await using mcp = await stage();
    await using it = await mcp.as({ name: 'reader', functions: ['kv-key-*'], read_only: true }, options);
    expect(it.client.getInstructions()).toMatch(
      /limited .*: buckets \*; subjects none; destinations \*; tables none; namespaces \*; it changes nothing\.$/,
    );
    const { tools } = await it.client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'kv-key-find',
      'kv-key-get',
      'kv-key-get-many',
      'kv-key-history',
      'kv-key-list',
      'kv-key-tree',
      'kv-key-watch',
    ]);
    const get = await it.client.callTool({ name: 'kv-key-get', arguments: { bucket: 'mine', key: 'k' } });
    expect(get.structuredContent).toMatchObject({ value: 'v' });
    for (const [name, input] of [
      ['kv-key-put', { bucket: 'mine', key: 'k', value: 'w' }],
      ['kv-bucket-list', {}],
    ] as const) {
      const refused = await it.client.callTool({ name, arguments: input });
      expect(JSON.parse(textOf(refused as never)).error.code).toBe('FORBIDDEN');
    }
  },
);

test.each(VERSIONS)(
  'mcp access %s - a key reads the buckets of its scope and no other',
  async (_v, options) => {
    await using mcp = await stage();
    await using it = await mcp.as({ name: 'mine', buckets: ['mine'] }, options);
    const { resources } = await it.client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'kvflow://buckets/mine',
      'kvflow://buckets/mine/keys/k',
    ]);
    for (const uri of [
      'kvflow://buckets/other',
      'kvflow://buckets/other/keys',
      'kvflow://buckets/other/keys/k',
    ]) {
      await expect(it.client.readResource({ uri })).rejects.toMatchObject({
        data: { error: { code: 'FORBIDDEN' } },
      });
    }
    const other = await it.client.callTool({ name: 'kv-key-get', arguments: { bucket: 'other', key: 'k' } });
    expect(JSON.parse(textOf(other as never)).error.code).toBe('FORBIDDEN');
  },
);

test('mcp access - a key whose scope has no lists lists nothing and reads what it knows', async () => {
  await using mcp = await stage();
  await using it = await mcp.as({ name: 'get', functions: ['kv-key-get'] });
  expect((await it.client.listResources()).resources).toEqual([]);
  const read = await it.client.readResource({ uri: 'kvflow://buckets/mine/keys/k' });
  expect(read.contents).toMatchObject([{ text: 'v' }]);
});

test('mcp access - updates need the right to watch, and the bucket', async () => {
  await using mcp = await stage();
  await using blind = await mcp.as({ name: 'blind', functions: ['kv-key-get'] });
  const uri = 'kvflow://buckets/mine/keys/k';
  await expect(blind.client.listen({ resourceSubscriptions: [uri] })).rejects.toThrow('FORBIDDEN');
  await using mine = await mcp.as({ name: 'mine', buckets: ['mine'] });
  const other = 'kvflow://buckets/other';
  await expect(mine.client.listen({ resourceSubscriptions: [other] })).rejects.toThrow('FORBIDDEN');
  const next = updatesOf(mine.client);
  const stream = await mine.client.listen({ resourceSubscriptions: [uri] });
  await mcp.kvflow.call('kv-key-put', { bucket: 'mine', key: 'k', value: 'w' });
  expect(await next()).toBe(uri);
  await mcp.keys.revoke('mine');
  expect(await stream.closed).toBe('graceful');
});

test('mcp access - a rate limit counts calls and reads', async () => {
  await using mcp = await stage();
  await using it = await mcp.as({ name: 'slow', rate_limit: { calls: 2, per: 'minute' } });
  await it.client.readResource({ uri: 'kvflow://buckets' });
  expect((await it.client.callTool({ name: 'kv-bucket-list' })).isError).toBeFalsy();
  const limited = await it.client.callTool({ name: 'kv-bucket-list' });
  expect(JSON.parse(textOf(limited as never))).toMatchObject({
    status_code: 429,
    error: { code: 'RATE_LIMITED', details: { retry_after_ms: expect.any(Number) } },
  });
  await expect(it.client.readResource({ uri: 'kvflow://buckets' })).rejects.toThrow('RATE_LIMITED');
});

const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
const HOSTILE = ['http://evil.example', 'null', 'https://localhost.evil.example'];

test.each(HOSTILE)('mcp access - the Origin %s is refused, with and without keys', async origin => {
  await using open = await startMcp();
  await using closed = await stage();
  const { key } = await closed.keys.add({ name: 'page' });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    origin,
  };
  for (const [mcp, more] of [
    [open, {}],
    [closed, { authorization: `Bearer ${key}` }],
  ] as const) {
    const port = Number(new URL(mcp.served.url).port);
    const answer = await sendRaw(port, {
      method: 'POST',
      path: '/mcp',
      headers: { ...headers, ...more },
      body: LIST,
    });
    expect(answer).toMatchObject({ status: 403, json: { error: { code: 'FORBIDDEN' } } });
  }
});

test('mcp access - pages of this machine and of the server itself are let in', async () => {
  await using mcp = await stage();
  const { key } = await mcp.keys.add({ name: 'page' });
  const port = Number(new URL(mcp.served.url).port);
  for (const [origin, host] of [
    ['http://localhost:3000', `127.0.0.1:${port}`],
    ['https://kvflow.example', 'kvflow.example'],
  ] as const) {
    const answer = await sendRaw(port, {
      method: 'POST',
      path: '/mcp',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${key}`,
        origin,
        host,
      },
      body: LIST,
    });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('kv-key-put')]);
  }
});

test('mcp access - without keys a Host that is not this machine is refused', async () => {
  await using mcp = await startMcp();
  const answer = await sendRaw(Number(new URL(mcp.served.url).port), {
    method: 'POST',
    path: '/mcp',
    headers: { 'content-type': 'application/json', host: 'evil.example' },
    body: LIST,
  });
  expect(answer.status).toBe(403);
});

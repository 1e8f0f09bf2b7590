import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NewApiKey } from '../../../runtime/access/api-key.ts';
import { createAuthenticator } from '../../../runtime/access/authenticator.ts';
import type { KeyFile } from '../../../runtime/access/key-file.ts';
import { createKeyFile } from '../../../runtime/access/key-file.ts';
import { isLoopbackAuthority, isLoopbackHost, isLoopbackOrigin } from '../../../runtime/server/loopback.ts';
import type { TestServer } from './helpers.ts';
import { startServer } from './helpers.ts';

const ECHO = '/functions/echo/invocations';
let folder: string;
let keyFile: KeyFile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvflow-access-'));
  keyFile = createKeyFile(join(folder, 'api-keys.json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const access = () => createAuthenticator({ keyFile, recheckMs: 0 });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const addKey = async (wanted: NewApiKey) => bearer((await keyFile.add(wanted)).key);

test.each([
  'evil.example',
  'evil.example:4280',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '0.0.0.0',
  '10.0.0.1',
  '[::2]',
  'localhost:4280:1',
  'a@localhost',
  'localhost.',
])('access - without keys the Host %s is FORBIDDEN, on every route', async host => {
  await using server = await startServer({}, { access: access() });
  for (const path of ['/functions', '/healthz', '/', '/nothing']) {
    const answer = await server.get(path, { host });
    expect(answer).toMatchObject({ status: 403, json: { status_code: 403, error: { code: 'FORBIDDEN' } } });
    expect(answer.json.error.message).toContain('kvflow keys add');
  }
});

test.each([
  'http://evil.example',
  'null',
  'https://localhost.evil.example',
  'http://localhost@evil.example',
  'file://',
  'http://127.0.0.1/../x',
  '',
])('access - without keys the Origin "%s" is FORBIDDEN', async origin => {
  await using server = await startServer({}, { access: access() });
  expect((await server.post(ECHO, {}, { origin })).json.error.code).toBe('FORBIDDEN');
});

test.each([
  ['http://evil.example', 'localhost', 403],
  ['HTTPS://evil.example:4280', '127.0.0.1', 403],
  ['http://localhost@evil.example', 'localhost', 403],
  ['http://localhost:80@evil.example', 'localhost', 403],
  ['http://127.0.0.1.evil.example', '[::1]', 403],
  ['http://127.0.0.1:4280', 'localhost', 200],
  ['http://[::1]', 'evil.example', 200],
])(
  'access - without keys %s before the path is the host that counts, not %s',
  async (before, host, status) => {
    await using server = await startServer({}, { access: access() });
    expect((await server.get(`${before}/functions`, { host })).status).toBe(status);
  },
);

test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:9', '127.8.9.10', '[::1]', '[::1]:4280'])(
  'access - without keys Host and Origin %s are let in',
  async host => {
    await using server = await startServer({}, { access: access() });
    expect((await server.post(ECHO, {}, { host, origin: `http://${host}` })).status).toBe(200);
  },
);

test('access - loopback is told from what looks like it', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '::ffff:127.0.0.1'])
    expect(isLoopbackHost(host)).toBe(true);
  for (const host of ['0.0.0.0', '::', '', '192.168.0.1', '127.evil', '1127.0.0.1'])
    expect(isLoopbackHost(host)).toBe(false);
  expect(isLoopbackAuthority(undefined)).toBe(false);
  expect(isLoopbackOrigin('http://localhost:3000')).toBe(true);
});

test('access - without a key the server does not listen beyond this machine, and says how to', async () => {
  for (const host of ['0.0.0.0', '::']) {
    await expect(startServer({}, { access: access(), host })).rejects.toThrow('kvflow keys add NAME');
  }
  await keyFile.add({ name: 'ci' });
  await using server = await startServer({}, { access: access(), host: '0.0.0.0' });
  expect((await server.get('/functions', { host: 'evil.example' })).status).toBe(401);
});

test('access - with keys everything needs one but liveness and static pages', async () => {
  const headers = await addKey({ name: 'ci' });
  await using server = await startServer({}, { access: access() });
  for (const path of ['/functions', '/functions/echo', '/metrics', '/openapi.json', '/nothing', ECHO]) {
    const answer = await server.get(path);
    expect([path, answer.status, answer.json.error.code]).toEqual([path, 401, 'UNAUTHENTICATED']);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  }
  for (const path of ['/healthz', '/readyz', '/', '/docs', '/docs/app.js', '/docs/style.css']) {
    expect([path, (await server.get(path)).status]).toEqual([path, 200]);
  }
  expect((await server.post(ECHO, {})).status).toBe(401);
  expect((await server.post('/invocations', { items: [] }, bearer('kvf_wrong'))).status).toBe(401);
  expect((await server.post(ECHO, {}, headers)).status).toBe(200);
  expect(
    (await server.get('/functions', { ...headers, host: 'kvflow.example', origin: 'https://app.example' }))
      .status,
  ).toBe(200);
});

test('access - an unauthenticated body is not even read', async () => {
  await keyFile.add({ name: 'ci' });
  await using server = await startServer({}, { access: access() });
  expect((await server.post(ECHO, '{broken')).status).toBe(401);
});

test('access - a key sees and calls only what it may', async () => {
  const calls: unknown[] = [];
  const write = { run: async (input: unknown) => calls.push(input) };
  const readOnly = {
    annotations: { readOnly: true, destructive: false, idempotent: true },
    input: { type: 'object', properties: { bucket: { type: 'string', 'x-kvflow-names': 'bucket' } } },
  };
  const functions = { 'kv-put': write, 'kv-get': { run: async () => 1, spec: readOnly }, other: write };
  const reader = await addKey({ name: 'reader', functions: ['kv-*'], buckets: ['team-*'], read_only: true });
  await using server = await startServer(functions, { access: access() });
  const names = (await server.get('/functions', reader)).json.functions.map(
    (fn: { name: string }) => fn.name,
  );
  expect(names).toEqual(['kv-get']);
  expect(Object.keys((await server.get('/openapi.json', reader)).json.paths)).not.toContain(
    '/functions/kv-put/invocations',
  );
  expect((await server.get('/functions/kv-put', reader)).status).toBe(403);
  const call = async (name: string, bucket: string) =>
    (await server.post(`/functions/${name}/invocations`, { bucket }, reader)).status;
  expect(await call('kv-get', 'team-a')).toBe(200);
  expect(await call('kv-get', 'other')).toBe(403);
  expect(await call('kv-put', 'team-a')).toBe(403);
  expect(await call('other', 'team-a')).toBe(403);
  const batch = await server.post(
    '/invocations',
    { items: [{ function: 'other' }, { function: 'kv-get', input: { bucket: 'team-b' } }] },
    reader,
  );
  expect(batch.json.items.map((item: { status_code: number }) => item.status_code)).toEqual([403, 200]);
  expect(calls).toEqual([]);
});

const FIGURES = `# TYPE kvflow_recognition_events_total counter
kvflow_recognition_events_total{destination="mine"} 2
kvflow_recognition_events_total{destination="theirs"} 3
# TYPE kvflow_recognition_amend_seconds histogram
kvflow_recognition_amend_seconds_bucket{destination="theirs",le="0.1"} 1
kvflow_bucket_messages{bucket="team-a"} 4
kvflow_bucket_messages{bucket="other"} 5
kvflow_bucket_messages{bucket="kvflow_queue"} 6
kvflow_recognition_dead_letters 7
`;

test('access - counters of warehouses and buckets are told to the keys that may use them', async () => {
  const limited = await addKey({ name: 'limited', destinations: ['mine'], buckets: ['team-*'] });
  const all = await addKey({ name: 'all' });
  await using server = await startServer({}, { access: access(), metricsOfAll: async () => FIGURES });
  expect((await server.get('/metrics', all)).text).toBe(FIGURES);
  expect((await server.get('/metrics', limited)).text).not.toMatch(/"(theirs|other|kvflow_queue)"/);
  expect((await server.get('/metrics', limited)).text).toMatch(
    /destination="mine"} 2\n[\s\S]*bucket="team-a"} 4\n[\s\S]*letters 7\n$/,
  );
  const seen = async (key: Record<string, string>) =>
    Object.keys((await server.get('/recognition', key)).json.destinations);
  expect([await seen(limited), await seen(all)]).toEqual([['mine'], ['mine', 'theirs']]);
});

test('access - what is wrong with which bucket is told to keys that may use all, how much to whoever asks', async () => {
  const warnings = ['Bucket "other": Revisions 3 to 5 are lost', 'The disk has 1 MiB left.'];
  const health = async () => ({ ready: true as const, warnings });
  const seen = async (server: TestServer, key: Record<string, string> = {}) =>
    (await server.get('/readyz', key)).json.data.warnings;
  await using open = await startServer({}, { health });
  expect(await seen(open)).toEqual(warnings);
  const all = await addKey({ name: 'all', functions: ['kv-key-get'], read_only: true });
  const limited = await addKey({ name: 'limited', buckets: ['team-*'] });
  await using server = await startServer({}, { access: access(), health });
  expect(await seen(server, all)).toEqual(warnings);
  for (const key of [{}, bearer('wrong'), limited])
    expect(await seen(server, key as Record<string, string>)).toEqual([expect.stringMatching(/^2 in all: /)]);
});

test('access - a key that is revoked while it is used is out, its running call ends in peace', async () => {
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const slow = async () => {
    entered.resolve();
    await gate.promise;
    return 'done';
  };
  const headers = await addKey({ name: 'ci' });
  await using server = await startServer({ slow: { run: slow } }, { access: access() });
  const running = server.post('/functions/slow/invocations', {}, headers);
  await entered.promise;
  await keyFile.revoke('ci');
  expect((await server.post(ECHO, {}, headers)).status).toBe(401);
  gate.resolve();
  expect((await running).json.data).toBe('done');
});

test('access - over the rate limit: 429, Retry-After, and a batch counts its items', async () => {
  const headers = await addKey({ name: 'ci', rate_limit: { calls: 3, per: 'minute' } });
  await using server = await startServer({}, { access: access() });
  expect(
    (await server.post('/invocations', { items: [{ function: 'echo' }, { function: 'echo' }] }, headers))
      .status,
  ).toBe(200);
  expect((await server.post(ECHO, {}, headers)).status).toBe(200);
  const answer = await server.post(ECHO, {}, headers);
  expect(answer).toMatchObject({ status: 429, json: { error: { code: 'RATE_LIMITED', retryable: true } } });
  const { retry_after_ms } = answer.json.error.details;
  expect(Number(answer.headers['retry-after'])).toBe(Math.ceil(retry_after_ms / 1_000));
  expect((await server.get('/functions', headers)).status).toBe(200);
  expect(server.lines.filter(line => line.key === 'ci' && line.code === 'OK')).toHaveLength(3);
});

/** /flows of a kvflow that asks for API keys: who gets in, and what runs after a restart. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { FlowsStatus } from '../../../contract/flows-status.ts';
import type { Place } from '../../runtime/transports/cli/kvflow-process.ts';
import { isAlive, makePlace } from '../../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../../support/eventually.ts';
import { forAll } from '../../support/for-all.ts';
import { postJson } from '../../support/post-json.ts';

const KEY = 'kvf_full_access_of_the_test';
const env = { KVFLOW_API_KEYS: KEY, OF_THE_WAREHOUSE: 'a secret of a warehouse', OF_THE_FLOWS: '1' };

let server: Awaited<ReturnType<Place['start']>>;
let narrow: string;

const place = forAll(() => makePlace(), 30_000);

beforeAll(async () => {
  const added = await place.run(['keys', 'add', 'narrow', '--read-only']);
  narrow = /kvf_\S+/.exec(added.stdout)?.[0] ?? '';
  const file = `users_recognition: { no_identity_values: ['\${OF_THE_WAREHOUSE}'] }\n`;
  await writeFile(join(place.path, 'kvflow.yaml'), file);
  server = await place.start({ env });
}, 30_000);

test('flows - a key that may do everything logs in, any other does not', async () => {
  expect((await get('/flows/')).status).toBe(200);
  expect((await get('/flows/flows')).status).toBe(401);
  expect(await processOfFlows()).toMatchObject({ mode: 'on', state: 'idle', restarts: 0 });
  expect(narrow).not.toBe('');
  expect(await logIn(narrow)).toBeUndefined();
  expect(await logIn('wrong')).toBeUndefined();
  const token = await logIn(KEY);
  expect((await get('/flows/flows', token)).status).toBe(200);
  expect(await processOfFlows()).toMatchObject({ state: 'running' });
  expect((await get('/flows/')).status).toBe(200);
}, 30_000);

test('flows - what flows serve over HTTP needs an API key', async () => {
  expect((await get('/flows/http/hook')).status).toBe(401);
  expect((await get('/flows/http/hook', KEY)).status).toBe(404);
  // Node-RED, which knows no such hook, is not even asked.
  const refused = await get('/flows/http/hook', narrow);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    error: { code: 'FORBIDDEN', message: expect.stringContaining('--flows') },
  });
});

test('flows - a WebSocket is opened by a page of the editor alone', async () => {
  const { host } = new URL(server.url);
  expect(await upgrade(`http://${host}`)).toBe(101);
  expect(await upgrade('http://evil.example')).toBeUndefined();
  // What flows serve is no page of the editor's.
  expect(await upgrade(`http://${host}`, '/flows/http/socket')).toBeUndefined();
});

test('flows - what was deployed runs again after a restart, before anybody opens the editor', async () => {
  await deployed(STARTS_WITH_A_BUCKET);
  await eventually(async () => expect(await bucketExists()).toBe(true));
  const [pid] = await childrenOf(server.child.pid);
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => undefined);
  if (environment !== undefined) {
    expect(environment).toContain('OF_THE_FLOWS=1');
    expect(environment).not.toMatch(/kvf_|a secret of a warehouse/);
  }
  expect(await invoke('kv-bucket-delete', { bucket: 'at-start', confirm: 'at-start' })).toBe(200);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  if (pid) expect(await isAlive(pid)).toBe(false);
  server = await place.start({ env });
  await eventually(async () => expect(await bucketExists()).toBe(true));
}, 30_000);

test('flows - a promise that a flow leaves rejected costs nothing but a line in the log', async () => {
  await deploy("Promise.resolve().then(() => { throw new Error('boom'); }); return msg;");
  await server.printed(/function node fn left a fault/);
  expect((await get('/healthz')).status).toBe(200);
  expect(await processOfFlows()).toMatchObject({ state: 'running', flows_running: true, restarts: 0 });
}, 30_000);

test('flows - one that ends its process ends itself alone, and safe mode lets it be mended', async () => {
  await deploy("console.log.constructor('return process')().exit(7);");
  await server.printed(/flows: their process ended with exit code 7; it is started again/);
  expect(await invoke('kv-bucket-info', { bucket: 'at-start' })).toBe(200);
  const safe = await steer('safe');
  expect(safe).toMatchObject({ mode: 'safe', state: 'running', flows_running: false });
  const { restarts } = safe;
  const figures = await (await get('/metrics', KEY)).text();
  expect(figures).toContain('kvflow_flows_up 1');
  expect(figures).toContain('kvflow_flows_running 0');
  expect(figures).toContain('kvflow_flows_safe_mode 1');
  expect(figures).toContain(`kvflow_flows_restarts_total ${restarts}`);
  await deploy('return msg;');
  await eventually(async () =>
    expect(await processOfFlows()).toMatchObject({ mode: 'on', flows_running: true, restarts }),
  );
}, 60_000);

test('flows - to steer them takes a key that may do everything', async () => {
  expect((await get('/flows/process')).status).toBe(401);
  const answer = await fetch(`${server.url}/flows/process`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${narrow}`, 'content-type': 'application/json' },
    body: '{"mode":"safe"}',
  });
  expect(answer.status).toBe(403);
});

test('flows - started in safe mode, the editor is there and no flow runs', async () => {
  const deleteBucket = () => invoke('kv-bucket-delete', { bucket: 'at-start', confirm: 'at-start' });
  await deleteBucket();
  await deployed(STARTS_WITH_A_BUCKET);
  // A flow that begins late would make it again.
  await eventually(async () => expect(await bucketExists()).toBe(true));
  expect(await deleteBucket()).toBe(200);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  server = await place.start({ env: { ...env, KVFLOW_FLOWS: 'safe' } });
  await server.printed(/safe mode/i);
  const again = await logIn(KEY);
  expect((await get('/flows/flows', again)).status).toBe(200);
  expect(await processOfFlows()).toMatchObject({ mode: 'safe', flows_running: false });
  expect(await bucketExists()).toBe(false);
}, 60_000);

const STARTS_WITH_A_BUCKET = [
  { id: 'tab', type: 'tab', label: 'At start' },
  {
    id: 'in',
    z: 'tab',
    type: 'inject',
    x: 1,
    y: 1,
    props: [],
    once: true,
    onceDelay: 0,
    repeat: '',
    wires: [['fn']],
  },
  {
    id: 'fn',
    z: 'tab',
    type: 'kv-bucket-create',
    x: 1,
    y: 1,
    input_bucket: 'at-start',
    input_bucket_type: 'str',
    wires: [[]],
  },
];

/** Deploys a tab that begins with this function. */
async function deploy(func: string): Promise<void> {
  await deployed(
    STARTS_WITH_A_BUCKET.map(node =>
      node.id === 'fn' ? { id: 'fn', z: 'tab', type: 'function', func, outputs: 1, wires: [[]] } : node,
    ),
  );
}

async function deployed(nodes: object[]): Promise<void> {
  const token = await logIn(KEY);
  const answer = await fetch(`${server.url}/flows/flows`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(nodes),
  });
  expect(answer.status).toBe(204);
}

async function processOfFlows(): Promise<FlowsStatus> {
  return (await (await get('/flows/process', KEY)).json()) as FlowsStatus;
}

async function steer(mode: string): Promise<FlowsStatus> {
  const answer = await fetch(`${server.url}/flows/process`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ mode }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as FlowsStatus;
}

/** The flows' process of a kvflow; none where the system does not tell. */
async function childrenOf(pid = 0): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.trim().split(/ +/).map(Number);
  const commands = await Promise.all(
    children.map(child => readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_, index) => commands[index]?.includes('flows-child'));
}

function get(path: string, token?: string): Promise<Response> {
  return fetch(server.url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

async function logIn(password: string): Promise<string | undefined> {
  const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username: 'me', password };
  const answer = await postJson(`${server.url}/flows/auth/token`, body);
  return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : undefined;
}

async function invoke(name: string, input: object): Promise<number> {
  const answer = await fetch(`${server.url}/functions/${name}/invocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return answer.status;
}

async function bucketExists(): Promise<boolean> {
  return (await invoke('kv-bucket-info', { bucket: 'at-start' })) === 200;
}

/** Status of the answer; undefined when the connection was cut instead. */
async function upgrade(origin: string, path = '/flows/comms'): Promise<number | undefined> {
  const headers = {
    origin,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const outgoing = request(server.url + path, { headers }).end();
  const cut = once(outgoing, 'error').then(() => undefined);
  const opened = once(outgoing, 'upgrade').then(([response, socket]) => {
    socket.destroy();
    return response.statusCode as number;
  });
  opened.catch(() => undefined);
  cut.catch(() => undefined);
  return await Promise.race([cut, opened]).catch(() => undefined);
}

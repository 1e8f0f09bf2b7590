/** /flows of a kvflow that asks for API keys: who gets in, and what runs after a restart. */
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Place } from '../../runtime/transports/cli/kvflow-process.ts';
import { makePlace } from '../../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../../support/eventually.ts';

const KEY = 'kvf_full_access_of_the_test';
const env = { KVFLOW_API_KEYS: KEY };

let place: Place;
let server: Awaited<ReturnType<Place['start']>>;
let narrow: string;

beforeAll(async () => {
  place = await makePlace();
  const added = await place.run(['keys', 'add', 'narrow', '--read-only']);
  narrow = /kvf_\S+/.exec(added.stdout)?.[0] ?? '';
  server = await place.start({ env });
}, 30_000);

afterAll(async () => {
  await place?.[Symbol.asyncDispose]();
});

test('flows - a key that may do everything logs in, any other does not', async () => {
  expect((await get('/flows/')).status).toBe(200);
  expect((await get('/flows/flows')).status).toBe(401);
  expect(narrow).not.toBe('');
  expect(await logIn(narrow)).toBeUndefined();
  expect(await logIn('wrong')).toBeUndefined();
  const token = await logIn(KEY);
  expect((await get('/flows/flows', token)).status).toBe(200);
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
});

test('flows - what was deployed runs again after a restart, before anybody opens the editor', async () => {
  const token = await logIn(KEY);
  const deployed = await fetch(`${server.url}/flows/flows`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(STARTS_WITH_A_BUCKET),
  });
  expect(deployed.status).toBe(204);
  await eventually(async () => expect(await bucketExists()).toBe(true));
  expect(await invoke('kv-bucket-delete', { bucket: 'at-start', confirm: 'at-start' })).toBe(200);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  server = await place.start({ env });
  await eventually(async () => expect(await bucketExists()).toBe(true));
}, 30_000);

test('flows - a promise that a flow leaves rejected costs nothing but a line in the log, and safe mode runs no flow', async () => {
  const token = await logIn(KEY);
  const func = "Promise.resolve().then(() => { throw new Error('boom'); }); return msg;";
  const rejects = STARTS_WITH_A_BUCKET.map(node =>
    node.id === 'fn' ? { id: 'fn', z: 'tab', type: 'function', func, outputs: 1, wires: [[]] } : node,
  );
  const deployed = await fetch(`${server.url}/flows/flows`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(rejects),
  });
  expect(deployed.status).toBe(204);
  await server.printed(/function node fn left a fault/);
  expect((await get('/healthz')).status).toBe(200);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  server = await place.start({ env: { ...env, KVFLOW_FLOWS: 'safe' } });
  const again = await logIn(KEY);
  expect((await get('/flows/flows', again)).status).toBe(200);
  await server.printed(/safe mode/i);
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

function get(path: string, token?: string): Promise<Response> {
  return fetch(server.url + path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

async function logIn(password: string): Promise<string | undefined> {
  const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username: 'me', password };
  const answer = await fetch(`${server.url}/flows/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
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
async function upgrade(origin: string): Promise<number | undefined> {
  const headers = {
    origin,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const outgoing = request(`${server.url}/flows/comms`, { headers }).end();
  const cut = once(outgoing, 'error').then(() => undefined);
  const opened = once(outgoing, 'upgrade').then(([response, socket]) => {
    socket.destroy();
    return response.statusCode as number;
  });
  opened.catch(() => undefined);
  cut.catch(() => undefined);
  return await Promise.race([cut, opened]).catch(() => undefined);
}

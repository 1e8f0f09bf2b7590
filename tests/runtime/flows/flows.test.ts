/** The flows' process as kvflow keeps it, with a stand-in for Node-RED; Node-RED itself: tests/hosts/node-red/mount.test.ts. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import { createAuthenticator } from '../../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../../runtime/access/key-file.ts';
import { failure } from '../../../runtime/core/envelope.ts';
import type { Flows } from '../../../runtime/flows/flows.ts';
import { createFlows } from '../../../runtime/flows/flows.ts';
import type { FlowsOptions } from '../../../runtime/flows/flows-options.ts';
import { flowsRoute } from '../../../runtime/server/routes/flows.ts';
import { eventually } from '../../support/eventually.ts';
import { postJson } from '../../support/post-json.ts';
import { startServer } from '../server/helpers.ts';

const ENTRY = join(import.meta.dirname, 'stand-in.ts');
const BACKOFF = { firstMs: 8, longestMs: 32, steadyMs: 600_000 };

let folder: string;
let flows: Flows;
let server: Server;
let url: string;
let log: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvflow-flows-test-'));
  log = [];
  // As the server hands requests on.
  server = createServer((incoming, response) => {
    flows.handle(incoming, response).catch((error: PackError) => {
      response.writeHead(error.status).end(JSON.stringify(failure(error)));
    });
  });
  server.on('upgrade', (incoming, socket, head) => flows.upgrade(incoming, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await flows.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function open(options: Partial<FlowsOptions> = {}, keys: string[] = []) {
  const access = createAuthenticator({ keyFile: createKeyFile(join(folder, 'keys.json')), configKeys: keys });
  const say = (line: string): void => void log.push(line);
  flows = createFlows({
    entry: ENTRY,
    userDir: join(folder, 'flows'),
    access,
    log: { info: say, warn: say, error: say },
    apiUrl: () => 'http://127.0.0.1:1',
    env: { PATH: process.env.PATH },
    backoff: BACKOFF,
    ...options,
  });
  return access;
}

interface Seen {
  headers: Record<string, string>;
  method: string;
  bytes: number;
  safe: boolean;
  api: { url: string; key: string };
}

async function seen(path = '/flows/x', init: RequestInit = {}): Promise<Seen> {
  const answer = await fetch(url + path, init);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Seen;
}

test('flows - their process is killed 20 times: it waits longer each time, and is there again; the API answers meanwhile', async () => {
  const access = open();
  await using kvflow = await startServer({}, { plugins: [flowsRoute(flows, access)] });
  const call = () => kvflow.post('/functions/echo/invocations', { still: 'here' });
  const keys = new Set<string>();
  for (let times = 0; times < 20; times++) {
    const { api } = await eventually(() => seen());
    keys.add(api.key);
    const [before, exit] = await Promise.all([call(), fetch(`${kvflow.url}/flows/exit`)]);
    expect([before.status, exit.status]).toEqual([200, 503]);
    await eventually(async () => expect((await flows.status()).restarts).toBe(times + 1));
    expect((await call()).json.data).toEqual({ still: 'here' });
  }
  const waits = log.flatMap(line => /again in (\d+) ms/.exec(line)?.[1] ?? []).map(Number);
  expect(waits).toEqual([8, 16, ...Array.from({ length: 18 }, () => 32)]);
  expect((await flows.status()).ended?.why).toBe('ended with exit code 3');
  // Each process had a key of its own.
  expect(keys.size).toBe(20);
  await eventually(() => seen());
}, 60_000);

test('flows - a process that hangs is killed and replaced, and says so', async () => {
  open({ hangMs: 2_000 });
  await seen();
  await fetch(`${url}/flows/hang`).then(answer => expect(answer.status).toBe(503));
  await eventually(() => seen(), { within: 20_000 });
  const { ended } = await flows.status();
  expect(ended?.why).toBe('ended by SIGKILL: it did nothing for 2 seconds, as in an endless loop');
}, 30_000);

test('flows - while they are down a request is told when to try again, and a change of mode starts them at once', async () => {
  open({ backoff: { ...BACKOFF, firstMs: 600_000, longestMs: 600_000 } });
  await seen();
  await fetch(`${url}/flows/throw`);
  await eventually(async () => expect((await flows.status()).state).toBe('waiting'));
  expect(await flows.status()).toMatchObject({
    flows_running: false,
    ended: { why: expect.stringContaining('a fault of a flow') },
  });
  const down = await fetch(`${url}/flows/http/hook`);
  expect(down.status).toBe(503);
  expect(await down.json()).toMatchObject({
    error: { code: 'UNAVAILABLE', details: { retry_after_ms: expect.any(Number) } },
  });
  // A browser gets a page that looks again.
  const page = await fetch(`${url}/flows/`);
  expect([page.status, page.headers.get('refresh')]).toEqual([503, '3']);
  expect(await flows.setMode('safe')).toMatchObject({ state: 'running', mode: 'safe', flows_running: false });
  expect((await seen()).safe).toBe(true);
  expect(await flows.setMode('on')).toMatchObject({ state: 'running', mode: 'on', restarts: 1 });
  expect((await seen()).safe).toBe(false);
});

test('flows - what is passed on comes through as it was, both ways', async () => {
  open();
  const answer = await fetch(`${url}/flows/x?a=1`, {
    method: 'POST',
    headers: { 'x-kvflow-peer': 'forged' },
    body: new Uint8Array(3_000_000),
  });
  expect(answer.headers.get('x-several')).toBe('one, two');
  const { bytes, method, headers } = (await answer.json()) as Seen;
  expect({ bytes, method, peer: headers['x-kvflow-peer'] }).toEqual({
    bytes: 3_000_000,
    method: 'POST',
    peer: '127.0.0.1',
  });
  const asked = request(`${url}/flows/comms`, { headers: { connection: 'Upgrade', upgrade: 'echo' } }).end();
  const [, socket] = await once(asked, 'upgrade');
  socket.write('over there');
  expect(String((await once(socket, 'data'))[0])).toBe('over there');
  socket.destroy();
});

test('flows - a process that shouts costs one short line, and its key ends with it', async () => {
  const access = open({}, ['kvf_full_access_of_the_test']);
  const headers = { authorization: 'Bearer kvf_full_access_of_the_test' };
  await fetch(`${url}/flows/shout`, { headers });
  const { api } = await seen('/flows/x', { headers });
  expect(access.authenticate(`Bearer ${api.key}`)).toMatchObject({ name: 'config-flows', flows: true });
  expect(access.named('config-flows')).toBeUndefined();
  await flows.close();
  expect(() => access.authenticate(`Bearer ${api.key}`)).toThrow(/not known/);
  expect(Math.max(...log.map(line => line.length))).toBeLessThan(70_000);
});

test('flows - their own key does not make keys needed, and without any they start at the first request', async () => {
  const access = open();
  expect((await flows.status()).state).toBe('idle');
  await seen();
  expect([(await flows.status()).state, access.required()]).toEqual(['running', false]);
});

test('flows - with keys strangers start nothing; the first who shows one does', async () => {
  open({}, ['kvf_full_access_of_the_test']);
  const page = await fetch(`${url}/flows/`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('/flows/login.js')]);
  expect(await (await fetch(`${url}/flows/login.js`)).text()).toContain('/flows/auth/token');
  const logIn = (password: string) => postJson(`${url}/flows/auth/token`, { username: 'me', password });
  const strangers = [
    await fetch(`${url}/flows/flows`),
    await fetch(`${url}/flows/http/x`, { headers: { authorization: 'Bearer kvf_unknown_unknown' } }),
    await logIn('kvf_unknown_unknown'),
  ];
  expect(strangers.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect((await flows.status()).state).toBe('idle');
  const started = await logIn('kvf_full_access_of_the_test');
  expect(await started.json()).toMatchObject({ method: 'POST', bytes: 58 });
  expect((await flows.status()).state).toBe('running');
});

test('flows - switched off, nothing starts them', async () => {
  open({ mode: 'off' });
  expect((await fetch(`${url}/flows/`)).status).toBe(501);
  await expect(flows.setMode('on')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect(await flows.status()).toMatchObject({ mode: 'off', state: 'stopped' });
});

test('flows - their process begins once every process of kvflow knows its key', async () => {
  const order: string[] = [];
  const access = open();
  const known = async () => {
    await new Promise(setImmediate);
    order.push('known');
  };
  const issue = () => ({ ...access.issue(), known: known() });
  const apiUrl = () => {
    order.push('begins');
    return 'http://127.0.0.1:1';
  };
  open({ access: { ...access, issue }, apiUrl });
  await flows.up();
  expect(order).toEqual(['known', 'begins']);
});

test('flows - the editor is shown in no frame, what flows serve says for itself', async () => {
  open();
  const policyOf = async (path: string) =>
    (await fetch(`${url}${path}`)).headers.get('content-security-policy');
  expect(await policyOf('/flows/')).toContain("frame-ancestors 'none'");
  expect(await policyOf('/flows/red/main.js')).toContain("frame-ancestors 'none'");
  expect(await policyOf('/flows/http/hook')).toBeNull();
});

/** Connection nodes: to NATS and to a kvflow server, over restarts and deploys. */

import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { createUser } from '@nats-io/nkeys';
import { makeCertificates } from '../../support/certificates.ts';
import { closedAccess as closed, TEST_KEY as KEY } from '../../support/closed-access.ts';
import { makeCreds } from '../../support/creds.ts';
import { eventually } from '../../support/eventually.ts';
import { endedAtLast } from '../../support/for-all.ts';
import { freePort } from '../../support/free-port.ts';
import { expectHostValues } from '../../support/host-values.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';
import { startNats } from '../../support/nats.ts';
import type { Served } from '../../support/served.ts';
import { serve } from '../../support/served.ts';
import type { TestFlows } from '../support/flows.ts';
import { ENDS, functionNode, startFlows } from '../support/flows.ts';

let server: TestNats;
let monitor: number;
let kvflow: TestKvflow;
let served: Served;
let flows: TestFlows & AsyncDisposable;

beforeAll(async () => {
  monitor = await freePort();
  const users = 'authorization { user: flows, password: secret }';
  server = endedAtLast(await startNats({ extra: `http: "127.0.0.1:${monitor}"\n${users}` }));
  kvflow = endedAtLast(joinNats({ servers: [server.url], user: 'flows', password: 'secret' }));
  served = endedAtLast(await serve(kvflow, { access: closed }));
  flows = endedAtLast(await startFlows(kvflow.invoke));
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
});

const put = functionNode(
  'kv-key-put',
  { bucket: ['str', 'b'], key: ['msg', 'topic'], value: ['msg', 'payload'] },
  { connection: 'conn' },
);
const overNats = () => ({ id: 'conn', type: 'kvflow-connection', mode: 'nats', servers: server.url });
const overHttp = () => ({ id: 'conn', type: 'kvflow-connection', mode: 'http', url: served.url });
const user = { conn: { user: 'flows', password: 'secret' } };

test('Node-RED - a connection to NATS logs in and comes back after NATS was restarted', async () => {
  await flows.deploy([...ENDS, overNats(), put], user);
  await flows.send('fn', { topic: 'before', payload: 'x' });
  await server.stop();
  await server.start();
  const { payload } = await flows.send('fn', { topic: 'after', payload: 'y' });
  expect(payload).toMatchObject({ key: 'after' });
});

test('Node-RED - a script runs inside Node-RED on a connection to NATS, and keeps its state there', async () => {
  const script = 'return { views: await $kv.incr("views") }';
  const fields: Record<string, [string, string]> = { event: ['msg', 'payload'], script: ['code', script] };
  const transform = functionNode('transform', fields, { connection: 'conn', pick: 'events' });
  await flows.deploy([...ENDS, overNats(), transform], user);
  await flows.send('fn', { payload: {} });
  expect((await flows.send('fn', { payload: {} })).payload).toEqual([{ views: 2 }]);
});

test('Node-RED - wrong credentials are a failure that says so', async () => {
  await flows.deploy([...ENDS, overNats(), put], { conn: { user: 'flows', password: 'wrong' } });
  const { error } = await flows.send('fn', { topic: 'a', payload: 'x' }, 'caught');
  expect(error).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(
      /cannot log in to NATS: .*Authorization Violation.* Check the user, password/i,
    ),
    cause: { error: { retryable: false } },
  });
  expect(JSON.stringify(error)).not.toContain('wrong');
});

test('Node-RED - a creds file that is not there is a failure that names it', async () => {
  const missing = join(tmpdir(), `no-such-${process.pid}.creds`);
  await flows.deploy([...ENDS, { ...overNats(), credsFile: missing }, put]);
  const { error } = await flows.send('fn', { topic: 'a', payload: 'x' }, 'caught');
  expect(error).toMatchObject({
    message: expect.stringContaining(missing),
    cause: { error: { retryable: false } },
  });
});

test('Node-RED - a connection logs in by a creds file', async () => {
  const creds = makeCreds();
  const credsFile = join(tmpdir(), `kvflow-${process.pid}.creds`);
  await writeFile(credsFile, creds.file);
  await using guarded = await startNats({ extra: creds.config });
  const create = functionNode('kv-bucket-create', { bucket: ['str', 'c'] }, { connection: 'conn' });
  const conn = { ...overNats(), servers: guarded.url };
  await flows.deploy([...ENDS, { ...conn, credsFile }, create]);
  expect((await flows.send('fn', {})).payload).toMatchObject({ created: true });
  // Without it nobody gets in.
  await flows.deploy([...ENDS, conn, create]);
  expect((await flows.send('fn', {}, 'caught')).error).toMatchObject({
    cause: { error: { retryable: false } },
  });
  await flows.deploy([...ENDS]);
  await rm(credsFile);
});

test("Node-RED - a connection takes an nkey's seed in a file, and a tls-config node", async () => {
  await using certificates = await makeCertificates();
  const { ca, server: own } = certificates;
  const pair = createUser();
  const nkeyFile = join(tmpdir(), `kvflow-${process.pid}.nk`);
  await writeFile(nkeyFile, pair.getSeed());
  const users = `authorization { users: [{ nkey: ${pair.getPublicKey()} }] }`;
  const tls = `tls { cert_file: "${own.cert}", key_file: "${own.key}" }`;
  await using secure = await startNats({ extra: `${users}\n${tls}` });
  const config = {
    id: 'tls',
    type: 'tls-config',
    ca,
    verifyservercert: true,
    servername: '',
    alpnprotocol: '',
  };
  const servers = `tls://localhost:${secure.port}`;
  const conn = { ...overNats(), servers, nkeyFile, tls: 'tls' };
  const create = functionNode('kv-bucket-create', { bucket: ['str', 'n'] }, { connection: 'conn' });
  await flows.deploy([...ENDS, config, conn, create]);
  expect((await flows.send('fn', {})).payload).toMatchObject({ created: true });
  await flows.deploy([...ENDS]);
  await rm(nkeyFile);
});

test('Node-RED - redeploying leaves no connection and no watch behind', async () => {
  const watch = {
    ...functionNode('kv-key-watch', { bucket: ['str', 'b'] }),
    id: 'watch',
    connection: 'conn',
  };
  await flows.deploy([...ENDS]);
  const before = await eventually(async () => {
    const now = await connections();
    expect(now.filter(({ name }) => name === 'kvflow-node-red')).toEqual([]);
    return now.length;
  });
  for (let round = 0; round < 4; round++) {
    await flows.deploy([...ENDS, overNats(), put, watch], user);
    await flows.send('fn', { topic: 'round', payload: String(round) });
  }
  await eventually(async () => expect((await connections()).length).toBe(before + 1));
  await flows.deploy([...ENDS]);
  await eventually(async () => expect((await connections()).length).toBe(before));
});

test('Node-RED - a kvflow server is called with the API key', async () => {
  await flows.deploy([...ENDS, overHttp(), put], { conn: { apiKey: KEY } });
  const { payload } = await flows.send('fn', { topic: 'http', payload: 'x' });
  expect(payload).toMatchObject({ key: 'http', revision: expect.any(Number) });
});

test('Node-RED - a wrong API key and a server that is away are failures with their codes', async () => {
  await flows.deploy([...ENDS, overHttp(), put], { conn: { apiKey: 'wrong' } });
  const refused = await flows.send('fn', { topic: 'a', payload: 'x' }, 'caught');
  expect(refused.error).toMatchObject({ code: 'UNAUTHENTICATED', cause: { status_code: 401 } });
  const nowhere = { ...overHttp(), url: `http://127.0.0.1:${await freePort()}` };
  await flows.deploy([...ENDS, nowhere, put]);
  const away = await flows.send('fn', { topic: 'a', payload: 'x' }, 'caught');
  expect(away.error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('kvflow start') });
});

async function connections(): Promise<{ name: string }[]> {
  const answer = await fetch(`http://127.0.0.1:${monitor}/connz`);
  return ((await answer.json()) as { connections: { name: string }[] }).connections;
}

test('Node-RED - every value is stored the same over all three connections', async () => {
  const ways: [name: string, connection: object, credentials: object][] = [
    ['embedded', { id: 'conn', type: 'kvflow-connection', mode: 'embedded' }, {}],
    ['nats', overNats(), user],
    ['http', overHttp(), { conn: { apiKey: KEY } }],
  ];
  const fields: Record<string, [string, string]> = {
    bucket: ['str', 'values'],
    key: ['msg', 'topic'],
    value: ['msg', 'payload'],
  };
  for (const [host, connection, credentials] of ways) {
    await flows.deploy(
      [...ENDS, connection, functionNode('kv-key-put', fields, { connection: 'conn' })],
      credentials,
    );
    await expectHostValues({ kvflow, host, put: (topic, payload) => flows.send('fn', { topic, payload }) });
  }
});

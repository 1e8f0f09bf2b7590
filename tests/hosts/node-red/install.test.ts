/** The pack as it is published, installed into a Node-RED that knows nothing of kvflow. */

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import manifest from '../../../manifest.json' with { type: 'json' };
import { eventually } from '../../support/eventually.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { startWithServer } from '../../support/kvflow.ts';
import { serve } from '../../support/served.ts';
import { tempDir } from '../../support/temp-dir.ts';
import type { NodeRedProcess } from '../support/node-red-process.ts';
import { makeUserFolder } from '../support/node-red-process.ts';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };

const kvflow = forAll(startWithServer);
const user = forAll(makeUserFolder);
const served = forAll(() => serve(kvflow));
let red: NodeRedProcess;

beforeAll(async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await installPack(user.path);
  red = await user.start();
  atLast(() => red[Symbol.asyncDispose]());
}, 90_000);

test('@kvflow/node-red installed - its nodes are in the palette, with help and icons', async () => {
  const headers = { accept: 'application/json' };
  const sets = (await (await fetch(`${red.url}/nodes`, { headers })).json()) as NodeSet[];
  const ours = sets.filter(({ module }) => module === '@kvflow/node-red');
  expect(ours).toMatchObject([{ enabled: true, types: expect.arrayContaining(['kvflow-connection']) }]);
  expect(ours[0]).not.toHaveProperty('err');
  expect(ours[0]?.types).toEqual(expect.arrayContaining(manifest.functions.map(({ name }) => name)));
  const html = await (await fetch(`${red.url}/nodes`, { headers: { accept: 'text/html' } })).text();
  expect(html).toContain('data-help-name="kv-key-put"');
  const icons = (await (await fetch(`${red.url}/icons`)).json()) as Record<string, string[]>;
  expect(icons['@kvflow/node-red']).toContain('kv-key.svg');
  const examples = await fetch(`${red.url}/library/examples/flows/@kvflow/node-red`);
  expect(JSON.stringify(await examples.json())).toContain('rate-limiting');
});

test('@kvflow/node-red installed - a node works on a kvflow server, by its URL', async () => {
  await deploy({ mode: 'http', url: served.url });
  expect(await call({ key: 'over.http', value: 'a' })).toMatchObject({ bucket: 'b', key: 'over.http' });
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'over.http' })).toMatchObject({ value: 'a' });
});

test('@kvflow/node-red installed - its context store keeps what function nodes set, over a restart of Node-RED', async () => {
  const config = JSON.stringify({ url: served.url, bucket: 'flow_context' });
  const store = `{ module: require('@kvflow/node-red/context'), config: ${config} }`;
  const start = async () => {
    await red[Symbol.asyncDispose]();
    red = await user.start(`contextStorage: { default: ${store} }`);
  };
  await start();
  const func = `const count = (flow.get('count') ?? 0) + 1;
flow.set('count', count, error => { msg.payload = { count, error }; node.send(msg); });`;
  const flow = [
    { id: 'tab', type: 'tab' },
    { id: 'in', type: 'http in', z: 'tab', x: 1, y: 1, url: '/count', method: 'post', wires: [['count']] },
    { id: 'count', type: 'function', z: 'tab', x: 2, y: 1, func, outputs: 1, wires: [['out']] },
    { id: 'out', type: 'http response', z: 'tab', x: 3, y: 1, wires: [] },
  ];
  const headers = { 'content-type': 'application/json' };
  await fetch(`${red.url}/flows`, { method: 'POST', headers, body: JSON.stringify(flow) });
  const count = async () => {
    const answer = await eventually(async () => {
      const response = await fetch(`${red.url}/count`, { method: 'POST' });
      expect(response.status).toBe(200);
      return response;
    });
    return await answer.json();
  };
  expect([await count(), await count()]).toEqual([{ count: 1 }, { count: 2 }]);
  await start();
  expect(await count()).toEqual({ count: 3 });
  const { items } = await kvflow.call('kv-key-list', { bucket: 'flow_context', include_values: true });
  expect(items).toMatchObject([{ value: '3' }]);
}, 90_000);

test('@kvflow/node-red installed - without a connection a failure says what to choose', async () => {
  await deploy({ mode: 'embedded' });
  expect(await call({ key: 'k', value: 'a' })).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('Set the connection to'),
  });
});

test('@kvflow/node-red installed - on NATS it asks for kvflow beside it, and works with it', async () => {
  await deploy({ mode: 'nats', servers: kvflow.server.url });
  expect(await call({ key: 'k', value: 'a' })).toMatchObject({
    message: expect.stringContaining('npm install kvflow'),
  });
  await installKvflow(user.path);
  await red[Symbol.asyncDispose]();
  red = await user.start();
  expect(await call({ key: 'over.nats', value: 'b' })).toMatchObject({ bucket: 'b', key: 'over.nats' });
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'over.nats' })).toMatchObject({ value: 'b' });
}, 90_000);

interface NodeSet {
  module: string;
  enabled: boolean;
  types: string[];
}

/** It has no dependencies, so nothing is fetched. */
async function installPack(userDir: string): Promise<void> {
  await using folder = await tempDir();
  const packing = { cwd: join(ROOT, 'hosts/node-red'), env };
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder.path], packing);
  const flags = ['--offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', join(folder.path, stdout.trim()), ...flags], { cwd: userDir, env });
}

/** What "npm install kvflow" leaves, built from the sources as they are; its dependencies are the repository's. */
async function installKvflow(userDir: string): Promise<void> {
  const target = join(userDir, 'node_modules/kvflow');
  await mkdir(target, { recursive: true });
  for (const part of ['package.json', 'manifest.json', 'schemas']) {
    await cp(join(ROOT, part), join(target, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(target, 'node_modules'));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const outDir = join(target, 'dist');
  const building = run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: ROOT,
  });
  // What is wrong with types is for the type check to say; it writes the code all the same.
  await building.catch(() => undefined);
}

const PLACE = { z: 'tab', x: 100, y: 100 };

/** POST /put puts what it is sent; the answer is kvflow's, or the failure as a Catch node sees it. */
async function deploy(connection: object): Promise<void> {
  const fields = {
    input_bucket: 'b',
    input_bucket_type: 'str',
    input_key: 'payload.key',
    input_key_type: 'msg',
  };
  const value = { input_value: 'payload.value', input_value_type: 'msg' };
  const wires = [['out']];
  const flow = [
    { id: 'tab', type: 'tab', label: 'Put' },
    { id: 'connection', type: 'kvflow-connection', ...connection },
    { ...PLACE, id: 'in', type: 'http in', url: '/put', method: 'post', wires: [['put']] },
    { ...PLACE, id: 'put', type: 'kv-key-put', connection: 'connection', ...fields, ...value, wires },
    { ...PLACE, id: 'catch', type: 'catch', scope: null, wires: [['failed']] },
    { ...PLACE, id: 'failed', type: 'change', rules: [MOVE_ERROR], wires },
    { ...PLACE, id: 'out', type: 'http response', statusCode: '', headers: {}, wires: [] },
  ];
  expect((await post('/flows', flow)).status).toBe(204);
}

const MOVE_ERROR = { t: 'set', p: 'payload', pt: 'msg', to: 'error', tot: 'msg' };

/** A deploy is answered a moment before its flows take requests. */
async function call(body: object): Promise<unknown> {
  return await eventually(async () => {
    const answer = await post('/put', body);
    if (answer.status === 404) throw new Error('the flow is not there yet');
    return await answer.json();
  });
}

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(red.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('Node-RED - the flow library finds every type, with its category, in the text of the nodes', async () => {
  const html = await readFile(join(import.meta.dirname, '../../../hosts/node-red/nodes/kvflow.html'), 'utf8');
  const found = [...html.matchAll(/RED\.nodes\.registerType\(\s*'([^']+)'\s*,\s*\{\s*category: '(\w+)'/g)];
  const types = found.map(([, type]) => type).sort();
  const own = ['kvflow-batch', 'kvflow-connection'];
  expect(types).toEqual([...manifest.functions.map(({ name }) => name), ...own].sort());
  // A line break of the palette would stand in the titles of dialogs and of the help.
  expect(html).not.toMatch(/paletteLabel: .*\\n/);
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Tarball } from './tarball.ts';

const run = promisify(execFile);

/** How long a started kvflow may take until it answers, in milliseconds. */
const READY_MS = 60_000;

/** Installs the tarballs into an empty folder, as a user would, and uses them. Throws what failed. */
export async function smokeTest(tarballs: Tarball[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const files = tarballs.filter(({ name }) => name !== 'n8n-nodes-kvflow').map(({ file }) => file);
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...files], {
    cwd: folder,
  });
  await startPutGet(folder);
  await nodeRedNodes(folder);
}

/** One start, one put, one get, one stop. */
async function startPutGet(folder: string): Promise<void> {
  const port = await freePort();
  const env = { ...process.env, KVFLOW_PORT: String(port), KVFLOW_DATA_DIR: join(folder, 'data') };
  const kvflow = spawn(process.execPath, [join(folder, 'node_modules/kvflow/bin/kvflow.js'), 'start'], {
    env,
  });
  kvflow.stderr.pipe(process.stderr);
  try {
    await ready(kvflow.stdout);
    const call = (name: string, input: unknown) => invoke(port, name, input);
    await call('kv-bucket-create', { bucket: 'smoke' });
    await call('kv-key-put', { bucket: 'smoke', key: 'k', value: { n: 1 } });
    const { value } = (await call('kv-key-get', { bucket: 'smoke', key: 'k', json: true })) as {
      value: unknown;
    };
    if (JSON.stringify(value) !== '{"n":1}') throw new Error(`kv-key-get answered ${JSON.stringify(value)}`);
    await clientGet(folder, port);
  } finally {
    kvflow.kill('SIGTERM');
    if (kvflow.exitCode === null && kvflow.signalCode === null) await once(kvflow, 'exit');
  }
}

/** The TypeScript client as a program beside it imports it. */
async function clientGet(folder: string, port: number): Promise<void> {
  const program = `
    import { createClient } from '@kvflow/client';
    const kvflow = createClient({ url: 'http://127.0.0.1:${port}' });
    const { value } = await kvflow.kvKeyGet({ bucket: 'smoke', key: 'k', json: true });
    console.log(JSON.stringify(value));`;
  const file = join(folder, 'client.js');
  await writeFile(file, program);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  if (stdout !== '{"n":1}\n') throw new Error(`@kvflow/client got ${stdout}`);
}

async function ready(stdout: NodeJS.ReadableStream): Promise<void> {
  const timer = setTimeout(() => stdout.emit('error', new Error(`not ready after ${READY_MS} ms`)), READY_MS);
  try {
    for await (const line of createInterface(stdout)) if (/ is ready\.$/.test(line)) return;
    throw new Error('kvflow ended before it was ready');
  } finally {
    clearTimeout(timer);
    stdout.resume();
  }
}

async function invoke(port: number, name: string, input: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/functions/${name}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const { data, error } = (await response.json()) as { data?: unknown; error?: unknown };
  if (!response.ok) throw new Error(`${name}: ${JSON.stringify(error)}`);
  return data;
}

/** Node-RED loads what package.json names; every function of the manifest is then a type of node. */
async function nodeRedNodes(folder: string): Promise<void> {
  const require = createRequire(join(folder, 'any.js'));
  const { functions } = require('kvflow/manifest.json') as { functions: { name: string }[] };
  const types = new Set<string>();
  const red = {
    nodes: { registerType: (type: string) => types.add(type), createNode: () => {} },
    httpAdmin: new Proxy({}, { get: () => () => {} }),
    auth: { needsPermission: () => () => {} },
    settings: {},
    log: new Proxy({}, { get: () => () => {} }),
    events: { on: () => {}, off: () => {} },
    hooks: { add: () => {} },
    util: {},
    _: (text: string) => text,
  };
  const manifest = require('@kvflow/node-red/package.json') as {
    'node-red': { nodes: Record<string, string> };
  };
  for (const file of Object.values(manifest['node-red'].nodes)) {
    const loaded = (await import(join(folder, 'node_modules/@kvflow/node-red', file))) as {
      default: (red: unknown) => unknown;
    };
    await loaded.default(red);
  }
  const missing = functions.filter(({ name }) => !types.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`@kvflow/node-red registers no node for ${missing.join(', ')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

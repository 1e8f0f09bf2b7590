import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { platformPackage } from '../../runtime/nats/server/platform-package.ts';
import { startPutGet } from './start-put-get.ts';
import type { Tarball } from './tarball.ts';
import { packageAlone } from './this-machine.ts';

const run = promisify(execFile);

/** Installs the tarballs into an empty folder, as a user would, and uses them; a package of nats-server among them is where kvflow has its own from. Throws what failed. */
export async function smokeTest(tarballs: Tarball[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const hasNatsServer = tarballs.some(({ name }) => name === platformPackage());
  const files = tarballs.filter(({ name }) => name !== 'n8n-nodes-kvflow').map(({ file }) => file);
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...files], {
    cwd: folder,
  });
  await startPutGet({
    command: process.execPath,
    args: [join(folder, 'node_modules/kvflow/bin/kvflow.js'), 'start'],
    cwd: folder,
    dataDir: join(folder, 'data'),
    env: { ...process.env, ...(hasNatsServer && packageAlone(join(folder, 'cache'))) },
    also: port => clientGet(folder, port),
  });
  await nodeRedNodes(folder);
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

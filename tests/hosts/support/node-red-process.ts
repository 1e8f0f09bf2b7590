/** Node-RED as its users run it: a process of its own, on a user folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithParent } from '../../../runtime/nats/server/launcher.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE } from '../../support/patience.ts';

const RED = createRequire(import.meta.url).resolve('node-red/red.js');
const PATIENCE_MS = 30_000 * PATIENCE;

/** A folder that Node-RED keeps its flows and nodes in. */
export interface UserFolder extends AsyncDisposable {
  readonly path: string;
  /** Starts Node-RED and waits until its flows run. `settings`: more lines of its settings file. */
  start(settings?: string): Promise<NodeRedProcess>;
}

/** A Node-RED that runs. */
export interface NodeRedProcess extends AsyncDisposable {
  readonly url: string;
}

/** Makes an empty user folder, as Node-RED does it at its first start. */
export async function makeUserFolder(): Promise<UserFolder> {
  const path = await mkdtemp(join(tmpdir(), 'kvflow-node-red-'));
  await writeFile(join(path, 'package.json'), '{"name":"node-red-project","private":true}');
  return {
    path,
    start: (settings = '') => startNodeRed(path, settings),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function startNodeRed(userDir: string, more: string): Promise<NodeRedProcess> {
  const port = await freePort();
  const settings = join(userDir, 'settings.js');
  await writeFile(
    settings,
    `module.exports = { uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', ${more} };`,
  );
  const command = [...(await endsWithParent()), process.execPath, RED, '-u', userDir, '-s', settings];
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: userDir, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  const running: NodeRedProcess = {
    url,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`Node-RED did not start:\n${printed}`));
    const timer = setTimeout(fail, PATIENCE_MS);
    child.once('exit', fail);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (!printed.includes('Started flows')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return running;
}

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endsWithParent } from '../../../runtime/nats/server/launcher.ts';
import { freePort } from '../free-port.ts';
import { type Restartable, startRestartable } from '../restartable.ts';

/** ClickHouse's engine behind HTTP, ended and cleaned up by `await using`. */
export interface TestClickhouse extends Restartable, AsyncDisposable {
  /** With the database. */
  readonly url: string;
  /** Runs statements as a user would, beside kvflow. */
  query(sql: string): Promise<string>;
  statements(): Promise<number>;
}

const SERVER = fileURLToPath(new URL('./clickhouse-server.ts', import.meta.url));
const MAX_LOG = 20_000;

/** Starts it on loopback with data in a temporary folder: about 2 s, 300 MB. */
export async function startClickhouse(): Promise<TestClickhouse> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-clickhouse-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startRestartable(() => launch(folder, port), 'SIGKILL');
  return {
    url: `${url}/kvflow`,
    query: async sql => {
      const response = await fetch(url, { method: 'POST', body: sql });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    },
    statements: async () => Number(await (await fetch(`${url}/statements`)).text()),
    ...server,
    [Symbol.asyncDispose]: async () => {
      server.resume();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, port: number): Promise<ChildProcess> {
  // A test run that is cut off takes its servers with it, where the system can see to that.
  const command = [
    ...(await endsWithParent()),
    process.execPath,
    '--no-warnings',
    SERVER,
    join(folder, 'data'),
    String(port),
  ];
  const [program = process.execPath, ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', chunk => {
    log = (log + chunk).slice(-MAX_LOG);
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', code => reject(new Error(`ClickHouse's engine ended with ${code}:\n${log}`)));
  });
  return child;
}

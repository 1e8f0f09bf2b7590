import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endsWithParent } from '../../../runtime/nats/server/launcher.ts';
import { makeDataFolder } from '../data-folder.ts';
import { type Restartable, startRestartable } from '../restartable.ts';

/** A real MySQL or MariaDB of a test's own, ended and cleaned up by `await using`. */
export interface TestMysqld extends Restartable, AsyncDisposable {
  /** With user, password and database. */
  readonly url: string;
  readonly port: number;
}

const USER = 'kvflow';
const PASSWORD = 'p@ss/word';
const DATABASE = 'kvflow';
const MAX_LOG = 20_000;

/** Makes the user and the database of the tests. */
export const FIRST_STATEMENTS = [
  `CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';`,
  `GRANT ALL ON *.* TO ${USER}@'127.0.0.1' WITH GRANT OPTION;`,
  `CREATE DATABASE ${DATABASE};`,
];

/** What is started, and where. */
export interface Mysqld {
  /** The program, with what is to stand before its flags. */
  command: readonly string[];
  flags: readonly string[];
  /** Removed in the end. */
  folder: string;
  port: number;
}

/** Starts a server whose data is there. */
export async function startMysqld(started: Mysqld): Promise<TestMysqld> {
  const { folder, port } = started;
  const server = await startRestartable(() => launch(started));
  return {
    url: `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${DATABASE}`,
    port,
    ...server,
    [Symbol.asyncDispose]: async () => {
      server.resume();
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A folder of a server's own, with one for temporary tables, and the flag that names it. */
export async function makeFolder(name: string): Promise<{ folder: string; tmpdirFlag: string }> {
  const folder = await makeDataFolder(`kvflow-${name}-`);
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  // A server that starts removes the temporary tables it finds there: of a shared folder also those of others that run.
  return { folder, tmpdirFlag: `--tmpdir=${temporary}` };
}

/** Flags of a server on loopback. */
export function loopbackFlags(folder: string, port: number): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--skip-name-resolve',
    '--max-connections=200',
  ];
}

/** The end of what a process says. */
export function logOf(child: ChildProcess): () => string {
  let log = '';
  child.stderr?.on('data', chunk => {
    log = (log + chunk).slice(-MAX_LOG);
  });
  return () => log;
}

async function launch({ command, flags, port }: Mysqld): Promise<ChildProcess> {
  // A test run that is cut off takes its servers with it, where the system can see to that.
  const [first = '', ...args] = [...(await endsWithParent()), ...command, ...flags];
  const child = spawn(first, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = logOf(child);
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', () => {
      // MySQL also says so of its other protocol, on a port of its own.
      if (new RegExp(`ready for connections[^]*port: ${port}\\b`).test(log())) resolve();
    });
    child.once('exit', code => reject(new Error(`${command.join(' ')} ended with ${code}:\n${log()}`)));
  });
  return child;
}

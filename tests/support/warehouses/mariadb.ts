import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from '../debian/program.ts';
import { freePort } from '../free-port.ts';
import type { TestMysqld } from './mysqld.ts';
import { FIRST_STATEMENTS, logOf, loopbackFlags, makeFolder, startMysqld } from './mysqld.ts';

const SHARES = ['/usr/share/mysql', '/usr/share/mariadb', '/usr/local/share/mysql'];
const SYSTEM_TABLES = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
];

/** The server's program: Debian's package mariadb-server-core, installed where that is possible. Under CI a must. */
export async function findMariadb(): Promise<string | undefined> {
  return await findProgram({
    names: ['mariadbd'],
    package: 'mariadb-server-core',
    folders: ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'],
  });
}

/**
 * Starts a MariaDB on loopback with data in a temporary folder, made by the server's own bootstrap: 0.3 s. `flags` are
 * added to its command line.
 */
export async function startMariadb(flags: string[] = []): Promise<TestMysqld> {
  const program = await findMariadb();
  if (program === undefined)
    throw new Error('No MariaDB. Install it with: apt-get install mariadb-server-core');
  const { folder, tmpdirFlag } = await makeFolder('mariadb');
  const common = [...commonFlags(folder), tmpdirFlag];
  const port = await freePort();
  await bootstrap(program, common);
  const all = [...common, ...loopbackFlags(folder, port), ...flags];
  return await startMysqld({ command: [program], flags: all, folder, port });
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

/** Writes the system tables with the server itself: the scripts around it need packages of their own. */
async function bootstrap(program: string, flags: string[]): Promise<void> {
  const share = await systemTables(program);
  const scripts = await Promise.all(SYSTEM_TABLES.map(name => readFile(join(share, name), 'utf8')));
  const child = spawn(program, [...flags, '--bootstrap'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const log = logOf(child);
  const ended = once(child, 'exit');
  child.stdin.end(
    ['CREATE DATABASE mysql;', 'USE mysql;', ...scripts, 'FLUSH PRIVILEGES;', ...FIRST_STATEMENTS, ''].join(
      '\n',
    ),
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

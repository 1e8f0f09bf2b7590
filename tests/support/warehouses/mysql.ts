import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../runtime/processes/command.ts';
import { freePort } from '../free-port.ts';
import { firstData } from './first-data.ts';
import type { MysqlProgram } from './mysql-program.ts';
import { baseOf, findMysql } from './mysql-program.ts';
import type { TestMysqld } from './mysqld.ts';
import { FIRST_STATEMENTS, loopbackFlags, makeFolder, startMysqld } from './mysqld.ts';

/**
 * Starts MySQL's own server on loopback with data in a temporary folder: about 4 s the first time in a run, then 1 s. `flags` are
 * added to its command line.
 */
export async function startMysql(flags: string[] = []): Promise<TestMysqld> {
  const program = await findMysql();
  if (typeof program === 'string') throw new Error(program);
  const { folder, tmpdirFlag } = await makeFolder('mysql');
  const port = await freePort();
  const common = [...commonFlags(program, folder), tmpdirFlag];
  await firstData('mysql', join(folder, 'data'), () => initialize(program, folder, common));
  const all = [...common, ...loopbackFlags(folder, port), '--mysqlx=OFF', ...flags];
  return await startMysqld({ command: program.command, flags: all, folder, port });
}

/** Without the files of the machine's own server; durable enough for a process that is killed, fast for tests. */
function commonFlags(program: MysqlProgram, folder: string): string[] {
  return [
    '--no-defaults',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--basedir=${baseOf(program)}`,
    `--datadir=${join(folder, 'data')}`,
    '--innodb-flush-log-at-trx-commit=2',
    '--skip-log-bin',
    '--performance-schema=OFF',
    // Its default is a folder that only an installation makes.
    '--secure-file-priv=NULL',
  ];
}

async function initialize({ command }: MysqlProgram, folder: string, flags: string[]): Promise<void> {
  const file = join(folder, 'first.sql');
  await writeFile(file, `${FIRST_STATEMENTS.join('\n')}\n`);
  const [first = '', ...args] = command;
  await run(first, [...args, ...flags, '--initialize-insecure', `--init-file=${file}`], { env: process.env });
}

import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onPath, run } from '../../../runtime/processes/command.ts';
import { unpackDebian } from '../debian/unpacked.ts';

/** A MySQL server's program. */
export interface MysqlProgram {
  /** With what must stand before its flags. */
  command: readonly string[];
  /** What it says of itself. */
  version: string;
}

const PACKAGE = 'mysql-server-core';
/** The only suite of Debian that has MySQL itself. */
const SUITE = 'sid';
const FOLDER = join(tmpdir(), 'kvflow-test-cache', PACKAGE);

let found: Promise<MysqlProgram | string> | undefined;

/**
 * MySQL's own server, not MariaDB's: the one on PATH, or Debian's package unpacked into a cache with every library it
 * needs, libc among them, so that it runs on an older system too. A text where there is none: why. Under CI a must.
 */
export function findMysql(): Promise<MysqlProgram | string> {
  found ??= look();
  return found;
}

async function look(): Promise<MysqlProgram | string> {
  for (const path of await onPath('mysqld', process.env, ['/usr/sbin', '/usr/local/sbin'])) {
    const program = await usable([path]);
    if (typeof program !== 'string') return program;
  }
  try {
    const cached = await unpacked().catch(() => undefined);
    if (!cached) await unpackDebian({ package: PACKAGE, suite: SUITE, folder: FOLDER });
    const program = await usable(cached ?? (await unpacked()));
    if (typeof program === 'string') throw new Error(program);
    return program;
  } catch (error) {
    const why = `no MySQL: none on PATH, and Debian's package cannot be used: ${(error as Error).message}`;
    if (process.env.CI === 'true') throw new Error(why);
    return why;
  }
}

/** MariaDB's package has a program of the same name. */
async function usable(command: readonly string[]): Promise<MysqlProgram | string> {
  const [first = '', ...args] = command;
  try {
    const { stdout } = await run(first, [...args, '--no-defaults', '--version'], { env: process.env });
    const version = stdout.trim();
    return /mariadb/i.test(version) ? `it is ${version}` : { command, version };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Started by the unpacked libc's own loader: the machine's may be too old. */
async function unpacked(): Promise<string[]> {
  const library = join(FOLDER, 'usr', 'lib');
  const triplet = (await readdir(library)).find(name => name.endsWith('-linux-gnu'));
  const folder = join(library, triplet ?? '');
  const loader = (await readdir(folder)).find(name => /^ld-linux.*\.so/.test(name));
  if (!loader) throw new Error(`no loader in ${folder}`);
  return [join(folder, loader), '--library-path', folder, join(FOLDER, 'usr', 'sbin', 'mysqld')];
}

/** The folder that the program's own files are in. */
export function baseOf({ command }: MysqlProgram): string {
  return dirname(dirname(command.at(-1) ?? ''));
}

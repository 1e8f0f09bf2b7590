import { execFile } from 'node:child_process';
import { access, constants, mkdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A program that tests need and that Debian has a package of. */
export interface DebianProgram {
  /** What it may be called; the first that is found counts. */
  names: string[];
  package: string;
  /** The package where Debian does not have that one. */
  otherwise?: string;
  /** Folders to look into after those of PATH. */
  folders?: string[];
}

const INSTALL_MS = 240_000;
/** One mark for all packages: apt-get does not wait for another one. */
const INSTALLING = join(tmpdir(), 'kvflow-installs-packages');
const run = promisify(execFile);

/**
 * Path of a program; undefined where there is none and none can be installed. It is installed where that takes no more
 * than asking: as root on Debian. Under CI a program that is missing is a failure.
 */
export async function findProgram(program: DebianProgram): Promise<string | undefined> {
  await otherInstallEnded();
  const found = (await locate(program)) ?? (await installAlone(program));
  if (!found && process.env.CI) {
    throw new Error(`No ${program.names[0]} on PATH. Install it with: apt-get install ${program.package}`);
  }
  return found;
}

/** Tests run in several processes: the first installs, the others wait. */
async function installAlone(program: DebianProgram): Promise<string | undefined> {
  for (;;) {
    try {
      await mkdir(INSTALLING);
      break;
    } catch {
      await otherInstallEnded();
      const found = await locate(program);
      if (found) return found;
    }
  }
  try {
    return await install(program);
  } finally {
    await rm(INSTALLING, { recursive: true, force: true });
  }
}

/** A mark that a killed run left behind is not waited for longer than an installation takes. */
async function otherInstallEnded(): Promise<void> {
  for (;;) {
    const mark = await stat(INSTALLING).catch(() => undefined);
    if (!mark) return;
    if (Date.now() - mark.mtimeMs > INSTALL_MS) await rm(INSTALLING, { recursive: true, force: true });
    await sleep(500);
  }
}

async function locate({ names, folders = [] }: DebianProgram): Promise<string | undefined> {
  const all = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...folders];
  for (const path of names.flatMap(name => all.map(folder => join(folder, name)))) {
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function install(program: DebianProgram): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !(await locate({ names: ['apt-get'], package: 'apt' }))) return undefined;
  const options = { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const installed = (name: string) =>
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], options);
  try {
    await run('apt-get', ['update', '-qq'], options);
    const { package: first, otherwise } = program;
    await installed(first).catch(error => (otherwise ? installed(otherwise) : Promise.reject(error)));
  } catch {
    return undefined;
  }
  return await locate(program);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

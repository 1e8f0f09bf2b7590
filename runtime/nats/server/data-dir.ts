import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PackError } from '../../../contract/errors.ts';
import { currentHolder, type HeldLock, type LockHolder, takeLock } from '../../locks/lock-file.ts';

/** What a running kvflow tells others about itself, so that they can attach to it. */
export interface RunningInfo {
  natsUrl: string;
  user: string;
  password: string;
  httpUrl?: string;
}

/** A data directory that belongs to this process. */
export interface DataDirLock {
  /** The directory's absolute path, symbolic links resolved. */
  readonly dataDir: string;
  /** Lets other commands on this machine attach to this process. May be called again, when something changes. */
  publish(info: RunningInfo): Promise<void>;
  /** Gives the directory back, and takes back what was published. */
  release(): Promise<void>;
}

const lockPath = (dataDir: string): string => join(dataDir, 'kvflow.lock');
const runtimePath = (dataDir: string): string => join(dataDir, 'runtime.json');

/**
 * Takes the data directory for this process alone, creating it when it is not there. What a killed process left behind
 * does not stand in the way.
 * @throws PackError UNAVAILABLE when another process has it, saying which one and what to do.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const dir = await prepare(dataDir);
  const lock = await takeLock(lockPath(dir)).catch(error => Promise.reject(unusable(dataDir, error)));
  if ('heldBy' in lock) throw taken(dataDir, lock.heldBy);
  // What a killed process published is not true of this one.
  await rm(runtimePath(dir), { force: true });
  return {
    dataDir: dir,
    publish: info => publish(dir, lock, info),
    release: async () => {
      await rm(runtimePath(dir), { force: true });
      await lock.release();
    },
  };
}

/** What the kvflow that runs on this data directory has published: undefined when none runs, or it is still starting. */
export async function readRunning(dataDir: string): Promise<(RunningInfo & { pid: number }) | undefined> {
  const holder = await currentHolder(lockPath(dataDir)).catch(error =>
    Promise.reject(unusable(dataDir, error)),
  );
  if (holder === undefined) return undefined;
  try {
    const { lockId, ...info } = JSON.parse(await readFile(runtimePath(dataDir), 'utf8'));
    return lockId === holder.id ? { ...info, pid: holder.pid } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function prepare(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await realpath(dataDir);
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

/** Written aside and moved into place, so that a reader sees all of it or what was there before. */
async function publish(dir: string, { holder }: HeldLock, info: RunningInfo): Promise<void> {
  const draft = `${runtimePath(dir)}.${holder.id}`;
  await writeFile(draft, `${JSON.stringify({ ...info, lockId: holder.id }, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, runtimePath(dir));
}

function taken(dataDir: string, { pid }: LockHolder): PackError {
  const message = `Data directory ${dataDir} is in use by another kvflow, process ${pid}. Use that one ("kvflow invoke" connects to it), stop it, or set KVFLOW_DATA_DIR to another directory.`;
  return new PackError('UNAVAILABLE', message, { retryable: false, details: { pid } });
}

function unusable(dataDir: string, cause: unknown): PackError {
  const message = `Data directory ${dataDir} cannot be used: ${(cause as Error).message}. Set KVFLOW_DATA_DIR to a directory on a local disk that this user may write to.`;
  return new PackError('UNAVAILABLE', message, { retryable: false, cause });
}

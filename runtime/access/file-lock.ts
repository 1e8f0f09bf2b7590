import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Held for a few milliseconds; one this old belongs to a process that died. */
const STALE_MS = 10_000;
const GIVE_UP_MS = 15_000;

/** Proves that the lock is still ours, which it may not be after a long pause of the process. */
export type StillHeld = () => Promise<boolean>;

/** Runs one writer at a time, over processes, by a lock file. A lock left by a process that died is taken over. */
export async function withFileLock<T>(path: string, work: (held: StillHeld) => Promise<T>): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  await acquire(path, token);
  const held = async () => (await read(path)) === token;
  try {
    return await work(held);
  } finally {
    if (await held()) await rm(path, { force: true });
  }
}

async function acquire(path: string, token: string): Promise<void> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  while (!(await create(path, token))) {
    if (Date.now() > giveUpAt)
      throw new Error(`${path} stays locked; if no other kvflow runs, remove that file.`);
    await removeStale(path);
    await sleep(5 + Math.random() * 20);
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a stale lock aside before removing it, so that of two who find it stale only one succeeds. */
async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || Date.now() - found.mtimeMs < STALE_MS) return;
  const aside = `${path}.${randomUUID()}`;
  if (!(await rename(path, aside).then(isDone, isNotDone))) return;
  const moved = await stat(aside);
  // Somebody else removed the stale one and took the lock in between: give theirs back.
  if (moved.ino !== found.ino || moved.mtimeMs !== found.mtimeMs) await link(aside, path).catch(isNotDone);
  await rm(aside, { force: true });
}

const isDone = () => true;
const isNotDone = () => false;

function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

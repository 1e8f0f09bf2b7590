import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity, processPlace } from '../processes/process-identity.ts';

/** Who holds a lock file. */
export interface LockHolder extends ProcessIdentity {
  /** This holding of the lock, unlike any other. */
  id: string;
  /** Where `pid` means something, see {@link processPlace}. */
  place: string;
}

/** A lock file that this process holds. */
export interface HeldLock {
  readonly holder: LockHolder;
  /** Gives the lock back. Calling it again does nothing. */
  release(): Promise<void>;
}

/** How often a holder marks its lock file, for those who cannot see its process: in other containers or machines. */
const BEAT_MS = 1000;
/** How long such an onlooker waits for a mark before it takes the holder for dead. */
const BEAT_WAIT_MS = 5000;

/** How often, and how long each time, to wait for another process that is replacing a dead holder. */
const PATIENCE = 100;
const PATIENCE_MS = 10;

/**
 * Takes a lock file, or tells who holds it. A holder that no longer runs is replaced; of any number of processes that do
 * so at once, one gets the lock.
 * @throws Error where the file cannot be written, or the file system has no hard links.
 */
export async function takeLock(path: string): Promise<HeldLock | { heldBy: LockHolder }> {
  const [self, place] = await Promise.all([identify(process.pid), processPlace()]);
  const holder: LockHolder = { pid: process.pid, startedAt: self?.startedAt, id: randomUUID(), place };
  const heldBy = await claim(path, holder);
  if (heldBy !== undefined) return { heldBy };
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), BEAT_MS).unref();
  const release = async (): Promise<void> => {
    clearInterval(beat);
    if (await isHeldBy(path, holder)) await rm(path, { force: true });
  };
  return { holder, release };
}

/** The process that holds the lock, or undefined when nobody does. */
export async function currentHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  return holder !== undefined && (await isAlive(path, holder)) ? holder : undefined;
}

/** Whether the lock file is of this holding. */
export async function isHeldBy(path: string, { id }: LockHolder): Promise<boolean> {
  return (await readHolder(path))?.id === id;
}

/**
 * Puts `mine` at the path. The right to replace a dead holder is a lock file of its own, named after that one holding:
 * so no two replace the same one, and nobody replaces a holding they have not seen dead.
 * @returns the living holder when there is one, undefined when `mine` is in place.
 */
async function claim(path: string, mine: LockHolder, patience = PATIENCE): Promise<LockHolder | undefined> {
  if (await create(path, mine)) return undefined;
  const holder = await readHolder(path);
  if (holder === undefined) return claim(path, mine);
  if (await isAlive(path, holder)) return holder;
  const right = `${path}.${holder.id}`;
  const rival = await claim(right, mine);
  if (rival !== undefined) {
    // It is about to hold the lock, or to learn that another does: which one is known in a moment.
    if (patience === 0) return rival;
    await sleep(PATIENCE_MS);
    return claim(path, mine, patience - 1);
  }
  try {
    return (await replace(path, holder, mine)) ? undefined : await claim(path, mine);
  } finally {
    await rm(right, { force: true });
  }
}

/** Creates the file with its content in it, in one step: nobody ever reads half of it. */
async function create(path: string, mine: LockHolder): Promise<boolean> {
  const draft = await writeDraft(path, mine);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replace(path: string, dead: LockHolder, mine: LockHolder): Promise<boolean> {
  // Someone may have replaced it, and given up the right to, before this process got that right.
  if ((await readHolder(path))?.id !== dead.id) return false;
  await rename(await writeDraft(path, mine), path);
  return true;
}

async function writeDraft(path: string, holder: LockHolder): Promise<string> {
  const draft = `${path}.${randomUUID()}.draft`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' });
  return draft;
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  const text = await readFile(path, 'utf8').catch(absent);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    // A power failure may leave the file without its content. Whoever wrote it is gone then.
    return { pid: 0, startedAt: undefined, id: 'unreadable', place: await processPlace() };
  }
}

async function isAlive(path: string, holder: LockHolder): Promise<boolean> {
  return holder.place === (await processPlace()) ? isRunning(holder) : isMarked(path);
}

/** Whether the file is marked while we look. The times themselves say nothing: two machines' clocks may differ. */
async function isMarked(path: string): Promise<boolean> {
  const markOf = async (): Promise<number | undefined> => (await stat(path).catch(absent))?.mtimeMs;
  const before = await markOf();
  for (const end = Date.now() + BEAT_WAIT_MS; Date.now() < end; await sleep(100)) {
    const now = await markOf();
    if (now !== before) return now !== undefined;
  }
  return false;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

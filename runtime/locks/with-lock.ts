import { setTimeout as sleep } from 'node:timers/promises';
import { isHeldBy, type LockHolder, takeLock } from './lock-file.ts';

const GIVE_UP_MS = 15_000;

/** Proves that the lock is still ours, which it may not be where somebody removed its file. */
export type StillHeld = () => Promise<boolean>;

/**
 * Runs one at a time, over processes, by a lock file that is held for a moment. One of a process that died is taken over.
 * @throws Error where another holds it for longer than 15 seconds
 */
export async function withFileLock<T>(path: string, work: (held: StillHeld) => Promise<T>): Promise<T> {
  const lock = await wait(path);
  try {
    return await work(() => isHeldBy(path, lock.holder));
  } finally {
    await lock.release();
  }
}

async function wait(path: string) {
  for (const giveUpAt = Date.now() + GIVE_UP_MS; ; ) {
    const lock = await takeLock(path);
    if (!('heldBy' in lock)) return lock;
    if (Date.now() > giveUpAt) throw new Error(heldTooLong(path, lock.heldBy));
    await sleep(5 + Math.random() * 20);
  }
}

function heldTooLong(path: string, { pid }: LockHolder): string {
  return `${path} stays locked by process ${pid}; if no other kvflow runs, remove that file.`;
}

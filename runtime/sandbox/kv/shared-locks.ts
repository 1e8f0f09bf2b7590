import { type Commits, createCommits } from './commits.ts';
import { createKeyLocks, type KeyLocks } from './locks.ts';

/** What the events of all calls with one store share while they run. */
export interface SharedLocks {
  locks: KeyLocks;
  commits: Commits;
  /** The call is over. */
  done: () => void;
}

const WATCH_MS = 1_000;

/**
 * One table of key locks per store, kept while a call uses it. They order the events of this process; what keeps
 * other processes' writes apart are the revisions of the store. `onLeft` hears of holders that were found to have ended.
 */
export function sharedLocks(onLeft: (count: number) => void): (id: string) => SharedLocks {
  const tables = new Map<string, { locks: KeyLocks; commits: Commits; users: number }>();
  let timer: NodeJS.Timeout | undefined;

  const watch = (): void => {
    let left = 0;
    for (const { locks } of tables.values()) left += locks.freeLeft();
    if (left > 0) onLeft(left);
  };
  return id => {
    const table = tables.get(id) ?? { locks: createKeyLocks(), commits: createCommits(), users: 0 };
    tables.set(id, table);
    table.users++;
    timer ??= setInterval(watch, WATCH_MS).unref();
    const done = (): void => {
      if (--table.users === 0) tables.delete(id);
      if (tables.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
    return { locks: table.locks, commits: table.commits, done };
  };
}

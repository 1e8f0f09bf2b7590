import type { Call } from '../../core/call.ts';
import { timedOut } from './errors.ts';

/** Runs work on one table after the other's is done. */
export type InTurn = <T>(call: Call, table: string, work: () => Promise<T>) => Promise<T>;

/**
 * A row is read, merged and written again as a whole: two that do so at once would each miss what the other writes. Within
 * a process they take turns, per table; between processes versions decide. A turn that does not come before the call's
 * deadline is a TIMEOUT.
 */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (call, table, work) => {
    const before = last.get(table) ?? Promise.resolve();
    const mine = before.then(async () => {
      if (Date.now() >= call.deadline) throw timedOut(`waiting for other writes to ${JSON.stringify(table)}`);
      return await work();
    });
    const quiet = mine.catch(() => undefined);
    last.set(table, quiet);
    try {
      return await mine;
    } finally {
      if (last.get(table) === quiet) last.delete(table);
    }
  };
}

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { ReadingSession, Runner, Session } from '../postgres/session.ts';
import { raced } from '../postgres/session.ts';
import { beforeDeadline, DeadlineError, whileAwaited } from '../shared/deadline.ts';
import type { DatabaseThread, ThreadOptions } from './thread.ts';
import { openThread } from './thread.ts';

/** Takes a lock file for this process, or tells that another has it. */
export type TakeLock = (path: string) => Promise<{ release(): Promise<void> } | { heldBy: { pid: number } }>;

/** Where the embedded database lives: a folder that is made where it is missing, `<folder>.lock` beside it. */
export interface PgliteOptions extends ThreadOptions {
  takeLock: TakeLock;
}

/** An open database and its lock. */
interface Opened {
  db: DatabaseThread;
  release(): Promise<void>;
}

/**
 * PGlite: PostgreSQL in this very process, on a thread of its own and on a folder. It is opened by the first call, serves
 * one transaction after the other, and one process at a time. Throws UNSUPPORTED where the package is not installed.
 */
export function createPgliteRunner(options: PgliteOptions): Runner {
  let opening: Promise<Opened> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  /** Ends what is being read, if something is. */
  let endReading: (() => Promise<void>) | undefined;

  async function open(): Promise<Opened> {
    const opened = await opening;
    if (opened?.db.isGone) {
      opening = undefined;
      await opened.release();
    }
    opening ??= openFolder(options).catch(error => {
      opening = undefined;
      throw error;
    });
    return await opening;
  }

  /** There is one session: who is in the middle of a transaction has it alone. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  function transaction<T>(call: Call, work: (session: Session) => Promise<T>): Promise<T> {
    return raced(call, () =>
      inTurn(async () => {
        const { db } = await beforeDeadline(call, open());
        return await inTransaction(call, db, work);
      }),
    );
  }

  /** What PGlite computes ends with its thread only; the next call opens the database anew, as after a crash. */
  function reading<T>(call: Call, work: (session: ReadingSession) => Promise<T>): Promise<T> {
    return raced(call, () =>
      whileAwaited(
        call,
        inTurn(async () => {
          if (call.signal?.aborted) throw new DeadlineError();
          const { db } = await beforeDeadline(call, open());
          endReading = db.end;
          try {
            return await whileAwaited(call, inTransaction(call, db, work));
          } catch (error) {
            if (error instanceof DeadlineError) await db.end();
            throw error;
          } finally {
            endReading = undefined;
          }
        }),
      ),
    );
  }

  return {
    transaction,
    reading,
    each: call => ({ query: (sql, binds) => transaction(call, session => session.query(sql, binds)) }),
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      await endReading?.();
      await opened?.db.close({});
      await opened?.release();
    },
  };
}

/** One that has waited past its deadline is not begun; one that writes is not ended. */
async function inTransaction<T>(
  call: Call,
  db: DatabaseThread,
  work: (session: ReadingSession) => Promise<T>,
): Promise<T> {
  if (Date.now() >= call.deadline) throw new DeadlineError();
  await db.ask({ sql: 'BEGIN' });
  try {
    const result = await work({
      query: async (sql, binds = []) => (await db.ask({ sql, binds })).rows,
      columns: async (sql, binds) => (await db.ask({ sql, binds })).columns,
    });
    await db.ask({ sql: 'COMMIT' });
    return result;
  } catch (error) {
    await db.ask({ sql: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
}

async function openFolder({ takeLock, ...options }: PgliteOptions): Promise<Opened> {
  const { folder } = options;
  await mkdir(dirname(folder), { recursive: true });
  const lock = await takeLock(`${folder}.lock`);
  if ('heldBy' in lock) {
    throw new PackError(
      'UNAVAILABLE',
      `the embedded warehouse in ${folder} is open in another kvflow (process ${lock.heldBy.pid}), and serves one at a time: call that one, or name a warehouse in kvflow.yaml`,
    );
  }
  try {
    return { db: await openThread(options), release: lock.release };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

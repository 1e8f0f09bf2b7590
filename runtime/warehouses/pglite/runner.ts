import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PGlite, Transaction } from '@electric-sql/pglite';
import type { Call } from '../../core/define-function.ts';
import { PackError } from '../../core/errors.ts';
import type { Runner, Session } from '../postgres/session.ts';
import { beforeDeadline, DeadlineError, raced } from '../postgres/session.ts';

/** Takes a lock file for this process, or tells that another has it. */
export type TakeLock = (path: string) => Promise<{ release(): Promise<void> } | { heldBy: { pid: number } }>;

/** Where the embedded database lives. */
export interface PgliteOptions {
  /** Made where it is missing; a file `<folder>.lock` beside it shows who has it open. */
  folder: string;
  takeLock: TakeLock;
  /** Loads the package. Default: by its name. */
  load?: typeof importPackage;
}

const importPackage = () => import('@electric-sql/pglite');

/** An open database and its lock. */
interface Opened {
  db: PGlite;
  release(): Promise<void>;
}

const PACKAGE = '@electric-sql/pglite';

/**
 * PGlite: PostgreSQL in this very process, on a folder. It is opened by the first call, serves one transaction after
 * the other, and one process at a time. Throws UNSUPPORTED where the package is not installed.
 */
export function createPgliteRunner(options: PgliteOptions): Runner {
  let opening: Promise<Opened> | undefined;
  const open = () => {
    opening ??= openFolder(options).catch(error => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  return {
    transaction: (call, work) =>
      raced(call, async () => {
        const { db } = await beforeDeadline(call, open());
        return await db.transaction(tx => inTime(call, tx, work));
      }),
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      await opened?.db.close();
      await opened?.release();
    },
  };
}

/** A transaction that has waited past its deadline is not begun; one that runs cannot be ended. */
async function inTime<T>(call: Call, tx: Transaction, work: (session: Session) => Promise<T>): Promise<T> {
  if (Date.now() >= call.deadline) throw new DeadlineError();
  return await work({
    query: async (sql, binds = []) => {
      const { rows } = await tx.query<unknown[]>(sql, [...binds], { rowMode: 'array' });
      return rows.map(row => row.map(cell => (cell === null || cell === undefined ? null : String(cell))));
    },
  });
}

async function openFolder({ folder, takeLock, load = importPackage }: PgliteOptions): Promise<Opened> {
  await mkdir(dirname(folder), { recursive: true });
  const lock = await takeLock(`${folder}.lock`);
  if ('heldBy' in lock) {
    throw new PackError(
      'UNAVAILABLE',
      `the embedded warehouse in ${folder} is open in another kvflow (process ${lock.heldBy.pid}), and serves one at a time: call that one, or name a warehouse in kvflow.yaml`,
    );
  }
  try {
    const { PGlite } = await installed(load);
    return { db: await PGlite.create(folder), release: lock.release };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function installed(load: typeof importPackage) {
  try {
    return await load();
  } catch (cause) {
    throw new PackError('UNSUPPORTED', `the embedded warehouse needs a package: npm install ${PACKAGE}`, {
      cause,
    });
  }
}

import type { Call } from '../../core/call.ts';

/** Where statements run: in a transaction under way, or each as one of its own. Every value comes as text, whatever its type. */
export interface Session {
  /** `isFrequent`: the same text comes again and again; a server may keep it as it is parsed. */
  query(sql: string, binds?: readonly (string | null)[], isFrequent?: boolean): Promise<(string | null)[][]>;
}

/** A transaction that only reads. */
export interface ReadingSession extends Session {
  /** Runs a statement, and answers the names of its columns in place of its rows. */
  columns(sql: string, binds: readonly string[]): Promise<string[]>;
}

/** Runs transactions on a server that speaks this dialect. Throws what the driver throws. */
export interface Runner {
  transaction<T>(call: Call, work: (session: Session) => Promise<T>): Promise<T>;
  /** A transaction that only reads, by a statement that may not come to an end: it is ended when nobody waits for it. */
  reading<T>(call: Call, work: (session: ReadingSession) => Promise<T>): Promise<T>;
  /** Each statement is a transaction, answered when it is committed: one way to the server and back. */
  each(call: Call): Session;
  close(): Promise<void>;
}

const ATTEMPTS = 8;

/** Deadlocks and lost races of transactions: the same work succeeds when it is done again. */
export function isLostRace(error: unknown): boolean {
  const { code, message, routine } = (error ?? {}) as {
    code?: unknown;
    message?: unknown;
    routine?: unknown;
  };
  // A trigger may choose any code for what it raises, and raises it each time.
  if (routine === 'exec_stmt_raise') return false;
  if (code === '40001' || code === '40P01') return true;
  return typeof message === 'string' && message.includes('Serializable isolation violation');
}

/** Does work again, a few times and after a moment, when it lost a race against another transaction. */
export async function raced<T>(call: Call, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const delay = Math.random() * 20 * 2 ** attempt;
      if (!isLostRace(error) || attempt === ATTEMPTS || Date.now() + delay >= call.deadline) throw error;
      await new Promise(resolve => setTimeout(resolve, delay));
    }
  }
}

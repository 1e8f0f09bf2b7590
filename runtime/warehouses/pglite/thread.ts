import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PackError } from '../../../contract/errors.ts';
import type { Answer, Question } from './worker.ts';

/** A database on a thread of its own. */
export interface DatabaseThread {
  /** Throws what the database has against it; UNAVAILABLE where the thread is gone, which ends what it was doing. */
  query(sql: string, binds?: readonly (string | null)[]): Promise<(string | null)[][]>;
  readonly isGone: boolean;
  close(): Promise<void>;
}

/** How to start it. */
export interface ThreadOptions {
  folder: string;
  /** What runs in the thread. Default: PGlite. */
  entry?: string | URL;
}

interface Waiting {
  resolve(rows: (string | null)[][]): void;
  reject(error: Error): void;
}

const PACKAGE = '@electric-sql/pglite';
// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/**
 * Starts the thread, and answers when the database is open. Throws UNSUPPORTED where the package is not installed. It keeps no process alive that waits for nothing of it.
 */
export async function openThread({ folder, entry = ENTRY }: ThreadOptions): Promise<DatabaseThread> {
  const worker = new Worker(entry, { workerData: { folder }, name: 'pglite' });
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', error => end(isMissing(error) ? withoutPackage(error) : gone(error)));
  worker.on('exit', code => end(gone(`exit code ${code}`)));
  worker.on('message', ({ id, rows = [], fault }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (fault) asked?.reject(Object.assign(new Error(fault.message), fault));
    else asked?.resolve(rows);
  });

  function expectAnswer(id: number): Promise<(string | null)[][]> {
    if (ended) return Promise.reject(ended);
    worker.ref();
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  function ask(question: Omit<Question, 'id'>): Promise<(string | null)[][]> {
    const id = ++next;
    const answer = expectAnswer(id);
    if (!ended) worker.postMessage({ id, ...question } satisfies Question);
    return answer;
  }

  try {
    await expectAnswer(0);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    query: (sql, binds = []) => ask({ sql, binds }),
    get isGone() {
      return ended !== undefined;
    },
    close: async () => {
      if (!ended) await ask({}).catch(() => undefined);
      await worker.terminate();
    },
  };
}

function gone(why: unknown): PackError {
  const message = `the embedded warehouse ended and is opened anew with the next call (${why})`;
  return new PackError('UNAVAILABLE', message, { retryable: true, cause: why });
}

function isMissing(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String((error as { code?: unknown }).code));
}

function withoutPackage(cause: unknown): PackError {
  return new PackError('UNSUPPORTED', `the embedded warehouse needs a package: npm install ${PACKAGE}`, {
    cause,
  });
}

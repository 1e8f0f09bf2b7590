import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PackError } from '../../../contract/errors.ts';
import type { Operations } from './operations.ts';
import type { Answer, Question } from './worker.ts';

/** A database on a thread of its own. */
export interface SqliteThread {
  /** Throws what the database has against it; UNAVAILABLE where the thread is gone, which ends what it was doing. */
  run<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<ReturnType<Operations[Name]>>;
  readonly isGone: boolean;
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/** Starts the thread, and answers when the database is open. It keeps no process alive that waits for nothing of it. */
export async function openThread(file: string): Promise<SqliteThread> {
  const worker = new Worker(ENTRY, {
    workerData: { file },
    name: 'sqlite',
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', error => end(gone(error)));
  worker.on('exit', code => end(gone(`exit code ${code}`)));
  worker.on('message', ({ id, value, fault }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (fault) asked?.reject(Object.assign(new Error(fault.message), fault));
    else asked?.resolve(value);
  });

  function expectAnswer(id: number): Promise<unknown> {
    if (ended) return Promise.reject(ended);
    worker.ref();
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  function ask(question: Omit<Question, 'id'>): Promise<unknown> {
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
    run: (name, ...args) => ask({ name, args }) as Promise<never>,
    get isGone() {
      return ended !== undefined;
    },
    close: async () => {
      if (!ended) await ask({ name: 'close', args: [] }).catch(() => undefined);
      await worker.terminate();
    },
  };
}

function gone(why: unknown): PackError {
  const message = `the embedded warehouse ended and is opened anew with the next call (${why})`;
  return new PackError('UNAVAILABLE', message, { retryable: true, cause: why });
}

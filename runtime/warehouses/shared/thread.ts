import type { WorkerOptions } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { PackError } from '../../../contract/errors.ts';
import type { Answer } from './thread-answers.ts';

/** An embedded database on a thread of its own. */
export interface Thread<Question extends object, Value> {
  /** Throws what the database has against it; UNAVAILABLE where the thread is gone, which ends what it was doing. */
  ask(question: Question): Promise<Value>;
  readonly isGone: boolean;
  /** Ends the thread whatever it does. */
  end(): Promise<void>;
  /** Asks the last question, which closes the database, and ends the thread. */
  close(last: Question): Promise<void>;
}

/** How to start it. */
export interface ThreadOptions extends WorkerOptions {
  /** What runs in the thread; it answers by {@link answerQuestions}. */
  entry: string | URL;
  /** An error that ended the thread as callers see it; undefined: UNAVAILABLE. */
  explain?: ((error: unknown) => PackError | undefined) | undefined;
}

interface Waiting<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** Starts the thread, and answers when the database is open. It keeps no process alive that waits for nothing of it. */
export async function startThread<Question extends object, Value>({
  entry,
  explain,
  ...options
}: ThreadOptions): Promise<Thread<Question, Value>> {
  const worker = new Worker(entry, options);
  const waiting = new Map<number, Waiting<Value>>();
  let next = 0;
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('error', error => end(explain?.(error) ?? gone(error)));
  worker.on('exit', code => end(gone(`exit code ${code}`)));
  worker.on('message', ({ id, value, fault }: Answer<Value>) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (fault) asked?.reject(Object.assign(new Error(fault.message), fault));
    else asked?.resolve(value as Value);
  });

  function expectAnswer(id: number): Promise<Value> {
    if (ended) return Promise.reject(ended);
    worker.ref();
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  function ask(question: Question): Promise<Value> {
    const id = ++next;
    const answer = expectAnswer(id);
    if (!ended) worker.postMessage({ ...question, id });
    return answer;
  }

  try {
    await expectAnswer(0);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    ask,
    get isGone() {
      return ended !== undefined;
    },
    end: async () => void (await worker.terminate()),
    close: async last => {
      if (!ended) await ask(last).catch(() => undefined);
      await worker.terminate();
    },
  };
}

function gone(why: unknown): PackError {
  const message = `the embedded warehouse ended and is opened anew with the next call (${why})`;
  return new PackError('UNAVAILABLE', message, { retryable: true, cause: why });
}

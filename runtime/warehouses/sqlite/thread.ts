import { extname, join } from 'node:path';
import { startThread } from '../shared/thread.ts';
import type { Operations } from './operations.ts';
import type { Question } from './worker.ts';

/** SQLite on a thread of its own. */
export interface SqliteThread {
  /** Throws what the database has against it; UNAVAILABLE where the thread is gone, which ends what it was doing. */
  run<Name extends keyof Operations>(
    name: Name,
    ...args: Parameters<Operations[Name]>
  ): Promise<ReturnType<Operations[Name]>>;
  readonly isGone: boolean;
  close(): Promise<void>;
}

// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/** Starts the thread, and answers when the database is open. */
export async function openThread(file: string): Promise<SqliteThread> {
  const thread = await startThread<Question, never>({
    entry: ENTRY,
    workerData: { file },
    name: 'sqlite',
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  return {
    run: (name, ...args) => thread.ask({ name, args }),
    get isGone() {
      return thread.isGone;
    },
    close: () => thread.close({ name: 'close', args: [] }),
  };
}

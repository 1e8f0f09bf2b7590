/** SQLite of Node itself on a thread of its own: its statements are synchronous, and everything else goes on meanwhile. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Operations } from './operations.ts';
import { createOperations } from './operations.ts';

/** Asked of the thread. */
export interface Question {
  id: number;
  name: keyof Operations | 'close';
  args: unknown[];
}

/** What comes back. The first, with the id 0, says that the database is open. */
export interface Answer {
  id: number;
  value?: unknown;
  /** The error's own fields: of an Error a message between threads keeps only the text. */
  fault?: { message: string; errcode?: number };
}

/** Another process may be writing: that long it is waited for. */
const BUSY_MS = 10_000;

const { file } = workerData as { file: string };
let database: DatabaseSync | undefined;

answer(0, () => {
  database = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
  // Readers and a writer do not wait for each other, and what is committed is on disk.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
});
const operations = database && createOperations(database);

parentPort?.on('message', ({ id, name, args }: Question) =>
  answer(id, () => {
    if (name === 'close') return database?.close();
    const operation = operations?.[name] as ((...all: unknown[]) => unknown) | undefined;
    return operation?.(...args);
  }),
);

function answer(id: number, work: () => unknown): void {
  try {
    parentPort?.postMessage({ id, value: work() } satisfies Answer);
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    parentPort?.postMessage({
      id,
      fault: { message, ...(errcode !== undefined && { errcode }) },
    } satisfies Answer);
  }
}

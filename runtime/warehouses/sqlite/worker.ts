/** SQLite of Node itself on a thread of its own: its statements are synchronous, and everything else goes on meanwhile. */
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { answerQuestions } from '../shared/thread-answers.ts';
import type { Operations } from './operations.ts';
import { createOperations } from './operations.ts';

/** Asked of the thread. */
export interface Question {
  name: keyof Operations | 'close';
  args: unknown[];
}

/** Another process may be writing: that long it is waited for. */
const BUSY_MS = 10_000;

const { file } = workerData as { file: string };

await answerQuestions(open, ({ database, operations }, { name, args }: Question) => {
  if (name === 'close') return database.close();
  const operation = operations[name] as (...all: unknown[]) => unknown;
  return operation(...args);
});

function open() {
  const database = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
  // Readers and a writer do not wait for each other, and what is committed is on disk.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  return { database, operations: createOperations(database) };
}

/** PGlite on a thread of its own: it computes for seconds at times, and whoever waits for it must go on meanwhile. */
import { workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { answerQuestions } from '../shared/thread-answers.ts';

/** Asked of the thread. Without a statement: close the database. */
export interface Question {
  sql?: string;
  binds?: readonly (string | null)[];
}

/** Rows of the answer. */
export type Rows = (string | null)[][];

const { folder } = workerData as { folder: string };

await answerQuestions<Question, PGlite>(() => PGlite.create(folder), answer);

async function answer(db: PGlite, { sql, binds = [] }: Question): Promise<Rows> {
  if (sql === undefined) {
    await db.close();
    return [];
  }
  const { rows } = await db.query<unknown[]>(sql, [...binds], { rowMode: 'array' });
  return rows.map(row => row.map(cell => (cell === null || cell === undefined ? null : String(cell))));
}

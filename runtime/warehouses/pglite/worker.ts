/** PGlite on a thread of its own: it computes for seconds at times, and whoever waits for it must go on meanwhile. */
import { workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { answerQuestions } from '../shared/thread-answers.ts';

/** Asked of the thread. Without a statement: close the database. */
export interface Question {
  sql?: string;
  binds?: readonly (string | null)[];
}

/** What a statement answered: the names of its columns, and its rows. */
export interface Found {
  columns: string[];
  rows: (string | null)[][];
}

const { folder } = workerData as { folder: string };

await answerQuestions<Question, PGlite>(() => PGlite.create(folder), answer);

async function answer(db: PGlite, { sql, binds = [] }: Question): Promise<Found> {
  if (sql === undefined) {
    await db.close();
    return { columns: [], rows: [] };
  }
  const { fields, rows } = await db.query<unknown[]>(sql, [...binds], { rowMode: 'array' });
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.map(row => row.map(cell => (cell === null || cell === undefined ? null : String(cell)))),
  };
}

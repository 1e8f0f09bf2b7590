/** PGlite on a thread of its own: it computes for seconds at times, and whoever waits for it must go on meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

/** Asked of the thread. Without a statement: close the database. */
export interface Question {
  id: number;
  sql?: string;
  binds?: readonly (string | null)[];
}

/** What comes back. The first, with the id 0, says that the database is open. */
export interface Answer {
  id: number;
  rows?: (string | null)[][];
  /** The error's own fields: of an Error a message between threads keeps only the text. */
  fault?: Record<string, unknown> & { message: string };
}

const { folder } = workerData as { folder: string };
const opening = PGlite.create(folder);
await answer(0, async () => {
  await opening;
  return undefined;
});
parentPort?.on('message', ({ id, sql, binds = [] }: Question) =>
  answer(id, async () => {
    const db = await opening;
    if (sql === undefined) {
      await db.close();
      return undefined;
    }
    const { rows } = await db.query<unknown[]>(sql, [...binds], { rowMode: 'array' });
    return rows.map(row => row.map(cell => (cell === null || cell === undefined ? null : String(cell))));
  }),
);

async function answer(id: number, work: () => Promise<Answer['rows'] | undefined>): Promise<void> {
  try {
    const rows = await work();
    parentPort?.postMessage({ id, ...(rows && { rows }) } satisfies Answer);
  } catch (error) {
    parentPort?.postMessage({ id, fault: plain(error) } satisfies Answer);
  }
}

function plain(error: unknown): Answer['fault'] {
  const { message } = error as Error;
  const fields = Object.entries(error as object).filter(([, value]) => typeof value === 'string');
  return { ...Object.fromEntries(fields), message: message || String(error) };
}

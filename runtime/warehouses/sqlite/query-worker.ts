/** One query in a thread that is ended at the deadline, on a connection that cannot write. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Queried } from '../engine.ts';
import { faultOf } from '../shared/thread-answers.ts';

const { file, sql, most } = workerData as { file: string; sql: string; most: number };

try {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  const wrapped = `SELECT * FROM (${sql}\n) LIMIT ${Number(most)}`;
  const statement = database.prepare(wrapped);
  // SQLite takes the first statement of a text and leaves the rest.
  if (statement.sourceSQL !== wrapped) throw new Error('a query is one statement');
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows = statement.all() as unknown as unknown[][];
  database.close();
  parentPort?.postMessage({ found: { columns, rows } satisfies Queried });
} catch (error) {
  parentPort?.postMessage({ fault: faultOf(error) });
}

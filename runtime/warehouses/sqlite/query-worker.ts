/** One query, on a connection that cannot write, and whose values, memory and answer are bounded. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Queried } from '../engine.ts';
import { faultOf } from '../shared/thread-answers.ts';

const { file, sql, most } = workerData as { file: string; sql: string; most: number };

/** Bytes. */
const LONGEST_VALUE = 4_194_304;
const MAX_MEMORY = 268_435_456;
/** More than an answer may have in characters, whatever these are: what is longer is cut there and said to be. */
const LONGEST_ANSWER = 4_194_304;

try {
  const database = new DatabaseSync(file, {
    readOnly: true,
    timeout: 5_000,
    limits: { length: LONGEST_VALUE },
  });
  database.exec(`PRAGMA hard_heap_limit = ${MAX_MEMORY}; PRAGMA temp_store = FILE`);
  const wrapped = `SELECT * FROM (${sql}\n) LIMIT ${Number(most)}`;
  const statement = database.prepare(wrapped);
  // SQLite takes the first statement of a text and leaves the rest.
  if (statement.sourceSQL !== wrapped) throw new Error('a query is one statement');
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows: unknown[][] = [];
  let size = 0;
  for (const row of statement.iterate() as Iterable<unknown>) {
    const cells = row as unknown[];
    for (const cell of cells) size += sizeOf(cell);
    rows.push(cells);
    if (size > LONGEST_ANSWER) break;
  }
  database.close();
  parentPort?.postMessage({ found: { columns, rows } satisfies Queried });
} catch (error) {
  parentPort?.postMessage({ fault: faultOf(error) });
}

function sizeOf(cell: unknown): number {
  if (typeof cell === 'string') return Buffer.byteLength(cell);
  return cell instanceof Uint8Array ? cell.length : 8;
}

import type { Cell } from '../../core/destinations.ts';
import type { Column } from '../engine.ts';
import type { Session } from '../postgres/session.ts';
import { intoColumn, typeOf } from './types.ts';

/** Rows to write, in a temporary table of the transaction: columns c0, c1 and so on, and the row's number n. */
export const STAGE = 'kvflow_rows';

const MAX_BINDS = 32_767;

/**
 * Fills the temporary table, runs work on it, and drops it. The rows go in with as few statements as binds allow, each
 * row once: the callers' batches hold no key twice.
 */
export async function staged<T>(
  session: Session,
  {
    columns,
    values,
    rows,
  }: { columns: readonly Column[]; values: readonly (readonly (Cell | null)[])[]; rows: number },
  work: () => Promise<T>,
): Promise<T> {
  const definitions = columns.map((column, at) => `c${at} ${typeOf(column)}`);
  await session.query(`CREATE TEMP TABLE ${STAGE} (n integer, ${definitions.join(', ')})`);
  const most = Math.max(1, Math.floor(MAX_BINDS / columns.length));
  for (let first = 0; first < rows; first += most) {
    await insert(session, { columns, values, first, last: Math.min(rows, first + most) });
  }
  const result = await work();
  await session.query(`DROP TABLE ${STAGE}`);
  return result;
}

async function insert(
  session: Session,
  {
    columns,
    values,
    first,
    last,
  }: {
    columns: readonly Column[];
    values: readonly (readonly (Cell | null)[])[];
    first: number;
    last: number;
  },
): Promise<void> {
  const binds: (string | null)[] = [];
  const tuples: string[] = [];
  for (let row = first; row < last; row++) {
    const cells = columns.map((column, at) => {
      const value = values[at]?.[row] ?? null;
      if (value === null) return 'NULL';
      binds.push(String(value));
      return intoColumn(column, `$${binds.length}`);
    });
    tuples.push(`(${[row, ...cells].join(', ')})`);
  }
  await session.query(`INSERT INTO ${STAGE} VALUES ${tuples.join(', ')}`, binds);
}

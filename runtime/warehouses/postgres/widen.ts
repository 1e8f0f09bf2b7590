import type { Column, ColumnKind } from '../engine.ts';
import { MAX_EXACT } from '../shared/typing.ts';
import { asText, COLUMN_TYPES, quote } from './dialect.ts';
import type { Session } from './session.ts';

/** Who waits for this lock keeps all that come after from the table. */
const LOCK_TIMEOUT = '3s';

/**
 * Makes a column of another kind. Whole numbers become doubles where that changes none of them, else `numeric`. To be run
 * in a transaction.
 */
export async function widenColumn(
  session: Session,
  table: string,
  column: Column,
  kind: ColumnKind,
): Promise<void> {
  await session.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  const name = quote(column.name);
  const type = await typeFor(session, table, column, kind);
  const value = kind === 'text' ? written(column, name) : inUtc(column, name, kind);
  await session.query(`ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${type} USING ${value}`);
}

async function typeFor(session: Session, table: string, column: Column, kind: ColumnKind): Promise<string> {
  if (kind === 'double' && column.kind === 'bigint') {
    const name = quote(column.name);
    const large = `SELECT 1 FROM ${table} WHERE ${name} > ${MAX_EXACT} OR ${name} < -${MAX_EXACT} LIMIT 1`;
    if ((await session.query(large)).length > 0) return 'numeric';
  }
  return COLUMN_TYPES[kind === 'other' ? 'text' : kind];
}

/** A number as JavaScript writes it, with an exponent only where that does: it is what events say, and the record of changes. */
function written(column: Column, name: string): string {
  const text = asText(column, name);
  if (column.kind !== 'double') return text;
  const size = `abs(${name})`;
  const isPlain = `(${size} >= 1e15 AND ${size} < 1e21) OR (${size} >= 1e-6 AND ${size} < 1e-4)`;
  return `CASE WHEN ${isPlain} THEN ${text}::numeric::text ELSE replace(${text}, 'e-0', 'e-') END`;
}

/** A day is its midnight in UTC. */
function inUtc(column: Column, name: string, kind: ColumnKind): string {
  return kind === 'timestamp' && column.sqlType === 'date' ? `${name}::timestamp AT TIME ZONE 'UTC'` : name;
}

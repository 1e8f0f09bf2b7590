import type { Batch } from '../engine.ts';
import { arrayLiteral, intoColumn, quote, unnest } from './dialect.ts';
import type { Session } from './session.ts';

/** Inserts rows, or sets the given columns of those that are there, in one statement with one bind per column. */
export async function upsertRows(session: Session, table: string, batch: Batch): Promise<void> {
  await session.query(upsertSql(table, batch), batch.values.map(arrayLiteral));
}

function upsertSql(table: string, { columns, primaryKey }: Batch): string {
  const names = columns.map(column => quote(column.name));
  const given = columns.map((column, at) => intoColumn(column, `g.c${at}`));
  const set = columns
    .filter(column => !primaryKey.includes(column.name))
    .map(({ name }) => `${quote(name)} = COALESCE(excluded.${quote(name)}, t.${quote(name)})`);
  return [
    `INSERT INTO ${table} AS t (${names.join(', ')})`,
    `SELECT ${given.join(', ')} FROM ${unnest(columns)} AS g(${columns.map((_, at) => `c${at}`).join(', ')})`,
    `ON CONFLICT (${primaryKey.map(quote).join(', ')})`,
    set.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${set.join(', ')}`,
  ].join(' ');
}

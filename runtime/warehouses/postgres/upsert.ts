import type { Cell } from '../../core/destinations.ts';
import type { Batch, Column } from '../engine.ts';
import { UNMAPPED } from '../shared/misfits.ts';
import { arrayLiteral, intoColumn, quote, typeOf, unnest } from './dialect.ts';
import type { Session } from './session.ts';

/** Inserts rows, or sets the given columns of those that are there, in one statement with one bind per column. */
export async function upsertRows(session: Session, table: string, batch: Batch): Promise<void> {
  await session.query(upsertSql(table, batch), batch.values.map(arrayLiteral));
}

/** Sends a value through its column's type, and nowhere else. What is only too long for it a cast would cut. */
export async function tryValue(session: Session, column: Column, value: Cell): Promise<void> {
  const sql = `SELECT (${intoColumn(column, 'g.c0')})::${typeOf(column)} IS NULL FROM ${unnest([column])} AS g(c0)`;
  await session.query(sql, [arrayLiteral([value])]);
}

/** Values beside a row add up; of any other column the later value counts. */
function valueSet({ name, sqlType }: Column): string {
  const [given, there] = [`excluded.${quote(name)}`, `t.${quote(name)}`];
  const isAside = name === UNMAPPED && sqlType === 'jsonb';
  return isAside ? `COALESCE(${there} || ${given}, ${given}, ${there})` : `COALESCE(${given}, ${there})`;
}

function upsertSql(table: string, { columns, primaryKey }: Batch): string {
  const names = columns.map(column => quote(column.name));
  const given = columns.map((column, at) => intoColumn(column, `g.c${at}`));
  const set = columns
    .filter(column => !primaryKey.includes(column.name))
    .map(column => `${quote(column.name)} = ${valueSet(column)}`);
  return [
    `INSERT INTO ${table} AS t (${names.join(', ')})`,
    `SELECT ${given.join(', ')} FROM ${unnest(columns)} AS g(${columns.map((_, at) => `c${at}`).join(', ')})`,
    `ON CONFLICT (${primaryKey.map(quote).join(', ')})`,
    set.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${set.join(', ')}`,
  ].join(' ');
}

import type { Column, Table } from '../engine.ts';
import { tableOf } from '../postgres/describe.ts';
import { quote } from '../postgres/dialect.ts';
import type { Session } from '../postgres/session.ts';
import { typeOf } from './types.ts';

const COLUMNS = `
  SELECT a.attname, format_type(a.atttypid, a.atttypmod), obj_description(c.oid, 'pg_class')
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'v')
  ORDER BY a.attnum`;

const KEY = `
  SELECT k.column_name, k.ordinal_position
  FROM information_schema.table_constraints t
  JOIN information_schema.key_column_usage k
    ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name AND k.table_name = t.table_name
  WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = $1 AND t.table_name = $2`;

/** A table as the catalog has it; undefined: there is none. */
export async function describeTable(
  session: Session,
  schema: string,
  name: string,
): Promise<Table | undefined> {
  const columns = await session.query(COLUMNS, [schema, name]);
  if (columns.length === 0) return undefined;
  const positions = new Map(
    (await session.query(KEY, [schema, name])).map(([column, at]) => [column, Number(at)]),
  );
  return tableOf(
    name,
    columns[0]?.[2],
    columns.map(([column, sqlType]) => ({
      name: column ?? '',
      sqlType: sqlType ?? '',
      position: positions.get(column ?? ''),
    })),
  );
}

/** Adds columns, a statement each. */
export async function addColumns(session: Session, table: string, columns: readonly Column[]): Promise<void> {
  for (const column of columns) {
    await session.query(`ALTER TABLE ${table} ADD COLUMN ${quote(column.name)} ${typeOf(column)}`);
  }
}

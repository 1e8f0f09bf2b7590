import { PackError } from '../../../contract/errors.ts';
import type { Column } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { quote, typeOf } from './dialect.ts';
import type { Session } from './session.ts';

/** A table with its schema, as statements name it. */
export function tableName(schema: string, table: string): string {
  return `${quote(schema)}.${quote(table)}`;
}

/** Creates the schema where it is not there; asks for the right to do so only then. */
export async function ensureSchema(session: Session, schema: string): Promise<void> {
  const found = await session.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
  if (found.length === 0) await session.query(`CREATE SCHEMA ${quote(schema)}`);
}

/** What a table is to be; `type` writes a column's type, by default as PostgreSQL has it. */
export interface NewTable {
  columns: readonly Column[];
  primaryKey: readonly string[];
  type?(column: Column): string;
}

/** Creates a table with its primary key and its mark. Throws where there is one by now: {@link unlessMade}. */
export async function createTable(
  session: Session,
  table: string,
  { columns, primaryKey, type = typeOf }: NewTable,
): Promise<void> {
  const lines = columns.map(column => {
    const isKey = primaryKey.includes(column.name);
    return `${quote(column.name)} ${type(column)}${isKey ? ' NOT NULL' : ''}`;
  });
  const key = `PRIMARY KEY (${primaryKey.map(quote).join(', ')})`;
  await session.query(`CREATE TABLE ${table} (${[...lines, key].join(', ')})`);
  await session.query(`COMMENT ON TABLE ${table} IS '${NAMES_MARK}'`);
}

/** That another made the table meanwhile is no error: it stays as it is, without a mark that may be wrong. */
export function unlessMade(error: unknown): void {
  const { sql_state: state, constraint } = error instanceof PackError ? error.details : {};
  // Of two at the same moment the second meets the first's entries in the catalog.
  const isMade = state === '42P07' || (state === '23505' && /^pg_(class|type)_/.test(String(constraint)));
  if (!isMade) throw error;
}

/** Adds columns in one statement. */
export async function addColumns(session: Session, table: string, columns: readonly Column[]): Promise<void> {
  const added = columns.map(column => `ADD COLUMN IF NOT EXISTS ${quote(column.name)} ${typeOf(column)}`);
  await session.query(`ALTER TABLE ${table} ${added.join(', ')}`);
}

import type { Column } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { quote, typeOf } from './dialect.ts';
import type { Session } from './session.ts';

/** A table with its schema, as statements name it. */
export function tableName(schema: string, table: string): string {
  return `${quote(schema)}.${quote(table)}`;
}

/**
 * Creates the schema where it is not there; asks for the right to do so only then. Not within a transaction: what
 * another process made at the same moment must be seen.
 */
export async function ensureSchema(session: Session, schema: string): Promise<void> {
  const isThere = async () => {
    const text = 'SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1';
    return (await session.query(text, [schema])).length > 0;
  };
  if (await isThere()) return;
  await unlessMade(() => session.query(`CREATE SCHEMA ${quote(schema)}`), isThere);
}

/** What a table is to be; `type` writes a column's type, by default as PostgreSQL has it. */
export interface NewTable {
  columns: readonly Column[];
  primaryKey: readonly string[];
  type?(column: Column): string;
}

/** Creates a table with its primary key and its mark. Throws where there is one by now: see {@link unlessMade}. */
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

/**
 * Makes something that another process may be making at the same moment. The server tells that in several ways (the
 * table is there, or its type, or an entry of the catalog), so this looks whether it is there: then it stays as it is,
 * without a mark that may be wrong.
 */
export async function unlessMade(
  make: () => Promise<unknown>,
  isThere: () => Promise<boolean>,
): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(await isThere().catch(() => false))) throw error;
  }
}

/** Adds columns in one statement. */
export async function addColumns(session: Session, table: string, columns: readonly Column[]): Promise<void> {
  const added = columns.map(column => `ADD COLUMN IF NOT EXISTS ${quote(column.name)} ${typeOf(column)}`);
  await session.query(`ALTER TABLE ${table} ${added.join(', ')}`);
}

import type { Call } from '../../core/call.ts';
/** Looking at tables and making them. */

import { PackError } from '../../../contract/errors.ts';
import type { Column, Table } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import type { FoundColumn } from './names.ts';
import { candidatesOf, columnSql, identifierOf, nameOf, quote } from './names.ts';
import type { Sessions } from './sessions.ts';
import { kindOfType, typeOf } from './types.ts';

/** A table that was found, with the name it has in Snowflake. */
export interface FoundTable extends Table {
  identifier: string;
  columns: ReadonlyMap<string, FoundColumn>;
}

/** The quoted name of a table, as it was found or as it is made. */
export function tableSql(table: Table): string {
  return quote('identifier' in table ? (table as FoundTable).identifier : identifierOf(table.name));
}

/** One statement, two where the table is not called as kvflow would call it. */
export async function describe(
  sessions: Sessions,
  call: Call,
  name: string,
): Promise<FoundTable | undefined> {
  for (const identifier of candidatesOf(name)) {
    const rows = await describeOne(sessions, call, identifier);
    if (rows) return toTable(name, identifier, rows);
  }
  return undefined;
}

interface Described {
  name: string;
  type: string;
  'primary key': string;
  comment: string | null;
}

async function describeOne(
  sessions: Sessions,
  call: Call,
  identifier: string,
): Promise<Described[] | undefined> {
  try {
    const sql = `DESCRIBE TABLE ${quote(identifier)}`;
    return (await sessions.run(call, { sql, doing: 'describing the table' })) as unknown as Described[];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Snowflake says the same of a table that is not there and of one this role may not see. */
function isMissing(error: unknown): boolean {
  return error instanceof PackError && error.details.stale === true;
}

function toTable(name: string, identifier: string, rows: Described[]): FoundTable {
  const columns = new Map<string, FoundColumn>();
  const primaryKey: string[] = [];
  for (const row of rows) {
    // Of "user_id" and "USER_ID" in one table, the one kvflow would have made keeps the name.
    const column = nameOf(row.name);
    const asWritten =
      columns.has(column) || rows.some(other => other !== row && nameOf(other.name) === column);
    const key = asWritten && identifierOf(column) !== row.name ? row.name : column;
    const isJson = /^(VARIANT|OBJECT)\b/i.test(row.type);
    columns.set(key, {
      name: key,
      identifier: row.name,
      kind: kindOfType(row.type),
      sqlType: row.type,
      ...(isJson && { json: true }),
    });
    if (row['primary key'] === 'Y') primaryKey.push(key);
  }
  const isMarked = rows.some(({ comment }) => comment?.includes(NAMES_MARK));
  return { name, identifier, columns, primaryKey, isMarked };
}

/** Key columns are NOT NULL and declared as primary key, which Snowflake notes down without enforcing it. */
export async function createTable(
  sessions: Sessions,
  call: Call,
  { name, columns, primaryKey }: { name: string; columns: readonly Column[]; primaryKey: readonly string[] },
): Promise<void> {
  // DESCRIBE TABLE tells the comments of columns, and not the table's.
  const lines = columns.map(
    column =>
      `${columnSql(column)} ${typeOf(column)}${primaryKey.includes(column.name) ? ` NOT NULL COMMENT '${NAMES_MARK}'` : ''}`,
  );
  const keys = primaryKey.map(key => quote(identifierOf(key)));
  if (keys.length > 0) lines.push(`PRIMARY KEY (${keys.join(', ')})`);
  const sql = `CREATE TABLE IF NOT EXISTS ${quote(identifierOf(name))} (${lines.join(', ')})`;
  await sessions.run(call, { sql, doing: 'creating the table' });
}

/** One statement a column: a list of them with IF NOT EXISTS is not the same in every edition of the documentation. */
export async function addColumns(
  sessions: Sessions,
  call: Call,
  { table, columns }: { table: string; columns: readonly Column[] },
): Promise<void> {
  for (const column of columns) {
    const sql = `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${columnSql(column)} ${typeOf(column)}`;
    await sessions.run(call, { sql, doing: `adding column ${column.name}` });
  }
}

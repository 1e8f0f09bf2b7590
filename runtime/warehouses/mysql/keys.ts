import { PackError } from '../../../contract/errors.ts';
import type { Table } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import type { MysqlTable } from './describe.ts';
import type { MysqlDialect } from './dialect.ts';
import { quoted } from './sql.ts';
import type { MysqlColumn } from './types.ts';

/** A table as `describeTable` made it. */
export function asMysqlTable(table: Table): MysqlTable {
  return 'uniqueKeys' in table
    ? (table as MysqlTable)
    : { ...table, uniqueKeys: [table.primaryKey], required: [] };
}

/** Throws WAREHOUSE_ERROR where no unique index has exactly the primary key's columns. */
export function checkKey(table: MysqlTable, primaryKey: readonly string[]): void {
  if (table.uniqueKeys.some(key => sameColumns(key, primaryKey))) return;
  const columns = primaryKey.map(quoted).join(', ');
  const there = table.primaryKey.length > 0 ? `(${table.primaryKey.join(', ')})` : 'none';
  throw new PackError(
    'WAREHOUSE_ERROR',
    `mysql: table ${shown(table.name)} has no unique index over exactly ${primaryKey.join(', ')}; its primary key is ${there}. ` +
      `Set primary_key_fields to it, or: ALTER TABLE ${quoted(table.name)} ADD UNIQUE INDEX (${columns})`,
  );
}

/**
 * Whether an insert may meet a row that is not the one its key says: where the key's collation takes different texts
 * for one ("A" and "a", "a" and "a "), or another unique index is in the way.
 */
export function mayMeetOthers(
  dialect: MysqlDialect,
  table: MysqlTable,
  primaryKey: readonly string[],
): boolean {
  if (table.uniqueKeys.some(key => !sameColumns(key, primaryKey))) return true;
  return primaryKey.some(name => !isExact(dialect, table.columns.get(name)));
}

/** Whether the column's own comparison tells every two values apart. */
export function isExact(dialect: MysqlDialect, column: MysqlColumn | undefined): boolean {
  return (
    column !== undefined && (column.collation === undefined || column.collation === dialect.exactCollation)
  );
}

function sameColumns(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every(name => others.includes(name));
}

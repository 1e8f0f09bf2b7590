import type { Cell, Cells } from '../../core/destinations.ts';
import type { MysqlTable } from './describe.ts';
import type { MysqlDialect } from './dialect.ts';
import { isExact } from './keys.ts';
import { pathOf, quoted } from './sql.ts';
import type { MysqlColumn } from './types.ts';
import { toMysql } from './types.ts';

/** A column of the rows that are bound as one JSON text. */
export interface JsonColumn {
  name: string;
  type: string;
}

/** A `JSON_TABLE(?, ...) j` over an array of arrays. A value that is not of its type is an error, never NULL. */
export function jsonTable(columns: readonly JsonColumn[]): string {
  const defined = columns.map(
    ({ name, type }, index) => `${quoted(name)} ${type} PATH ${pathOf(index)} ERROR ON ERROR`,
  );
  return `JSON_TABLE(?, '$[*]' COLUMNS (${defined.join(', ')})) j`;
}

/** The key's columns of the rows, as `k0`, `k1`: of the column's own type, so that its index is used. */
export function keyColumns(table: MysqlTable, primaryKey: readonly string[]): JsonColumn[] {
  return primaryKey.map((name, index) => ({
    name: `k${index}`,
    type: comparedType(table.columns.get(name)),
  }));
}

/** What joins table `t` with the rows: equal by the index, and by bytes where the collation is not exact. */
export function joinCondition(
  dialect: MysqlDialect,
  table: MysqlTable,
  primaryKey: readonly string[],
): string {
  return primaryKey
    .flatMap((name, index) => {
      const there = `t.${quoted(name)}`;
      const given = `j.${quoted(`k${index}`)}`;
      const equal = `${there} = ${given}`;
      return isExact(dialect, table.columns.get(name))
        ? [equal]
        : [equal, `CAST(${there} AS BINARY) = CAST(${given} AS BINARY)`];
    })
    .join(' AND ');
}

/** The type a value of the column is bound as. */
export function valueType(column: MysqlColumn | undefined): string {
  if (column?.kind === 'bigint') return /unsigned/i.test(column.sqlType ?? '') ? 'BIGINT UNSIGNED' : 'BIGINT';
  if (column?.kind === 'double') return 'DOUBLE';
  if (column?.kind === 'boolean') return 'TINYINT';
  if (column?.kind === 'timestamp') return 'DATETIME(6)';
  return 'LONGTEXT CHARACTER SET utf8mb4';
}

/** The JSON text of rows, every value as text: numbers would lose what JSON readers make of them. */
export function jsonOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return JSON.stringify(rows.map(row => row.map(value => (value === null ? null : String(value)))));
}

/** A row's key as it is bound. */
export function keyBinds(table: MysqlTable, primaryKey: readonly string[], key: Cells<Cell | null>) {
  return primaryKey.map(name => toMysql(table.columns.get(name), key[name] ?? null));
}

function comparedType(column: MysqlColumn | undefined): string {
  if (column?.collation === undefined || column.kind !== 'text') return valueType(column);
  // Longer than any key can be: a value that the column cannot hold is in no row.
  return `LONGTEXT CHARACTER SET ${column.charset} COLLATE ${column.collation}`;
}

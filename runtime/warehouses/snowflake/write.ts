/** Upserting rows, and reading them. */
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { Batch, Column, Table } from '../engine.ts';
import { cellsOf } from '../shared/cells.ts';
import { tableSql } from './define.ts';
import { columnSql } from './names.ts';
import type { AnswerRow, Sessions } from './sessions.ts';
import type { SourceColumn } from './source.ts';
import { plain, sourceOf } from './source.ts';
import { castSql, decode, encode, readSql } from './types.ts';

/** A column's values for a source. */
export function columnSource(column: Column, values: readonly (Cell | null)[]): SourceColumn {
  return { cast: text => castSql(column, text), values: values.map(value => encode(column, value)) };
}

/** `t."ID" = s."C0" AND ...` for the columns of a key, which are the source's first ones after `from`. */
export function keysEqual(key: readonly Column[], from: number): string {
  return key.map((column, index) => `t.${columnSql(column)} = s."C${index + from}"`).join(' AND ');
}

/** One MERGE. A column that a row does not have keeps what is there. */
export async function upsert(sessions: Sessions, call: Call, batch: Batch): Promise<void> {
  const key = batch.columns.filter(({ name }) => batch.primaryKey.includes(name));
  const others = batch.columns.filter(({ name }) => !batch.primaryKey.includes(name));
  const columns = [...key, ...others];
  const source = sourceOf(
    columns.map(column => columnSource(column, batch.values[batch.columns.indexOf(column)] ?? [])),
    batch.rows,
  );
  const sets = others.map((column, index) => {
    const name = columnSql(column);
    return `${name} = COALESCE(s."C${key.length + index}", t.${name})`;
  });
  const sql = [
    `MERGE INTO ${tableSql(batch.table)} AS t USING ${source.sql} AS s ON ${keysEqual(key, 0)}`,
    ...(sets.length > 0 ? [`WHEN MATCHED THEN UPDATE SET ${sets.join(', ')}`] : []),
    `WHEN NOT MATCHED THEN INSERT (${columns.map(columnSql).join(', ')})`,
    `VALUES (${columns.map((_, index) => `s."C${index}"`).join(', ')})`,
  ].join(' ');
  await sessions.run(call, { sql, binds: [source.bind], doing: 'loading' });
}

/** Sends a value through its column's type, and nowhere else. */
export async function tryValue(sessions: Sessions, call: Call, column: Column, value: Cell): Promise<void> {
  const source = sourceOf([columnSource(column, [value])], 1);
  const sql = `SELECT s."C0" IS NULL AS "I" FROM ${source.sql} AS s`;
  await sessions.run(call, { sql, binds: [source.bind], doing: 'looking at a value' });
}

/** Rows by their keys. */
export async function read(
  sessions: Sessions,
  call: Call,
  { table, keys }: { table: Table; keys: readonly Cells[] },
): Promise<(Cells<Cell | null> | undefined)[]> {
  const columns = [...table.columns.values()];
  const names = Object.keys(keys[0] ?? {});
  const key = names.flatMap(name => table.columns.get(name) ?? []);
  if (keys.length === 0 || key.length < names.length) return keys.map(() => undefined);
  const source = sourceOf(
    [
      plain(keys.map((_, index) => String(index))),
      ...key.map(column =>
        columnSource(
          column,
          keys.map(cells => cells[column.name] ?? null),
        ),
      ),
    ],
    keys.length,
  );
  const list = columns.map((column, index) => `${readSql(column, `t.${columnSql(column)}`)} AS "V${index}"`);
  const sql = `SELECT s."C0" AS "I", ${list.join(', ')} FROM ${tableSql(table)} AS t JOIN ${source.sql} AS s ON ${keysEqual(key, 1)}`;
  const rows = await sessions.run(call, { sql, binds: [source.bind], doing: 'reading' });
  const found = new Map(rows.map(row => [Number(row.I), row]));
  return keys.map((_, index) => {
    const row = found.get(index);
    return row && cellsOf(columns.map((column, at) => [column.name, decode(column, row[`V${at}`])] as const));
  });
}

/** How many rows a MERGE says it changed. */
export function updatedRows(rows: AnswerRow[]): number {
  return Number(rows[0]?.['number of rows updated'] ?? 0);
}

import type { Cell } from '../../core/destinations.ts';
import type { Column, RestoreBatch } from '../engine.ts';
import { arrayLiteral, equals, intoColumn, quote, unnest } from './dialect.ts';
import type { Session } from './session.ts';

/** Columns to set back, each with where its old and new values are in the statement. */
export interface RestoreColumn {
  column: Column;
  from: (Cell | null)[];
  to: (Cell | null)[];
}

/** Sets rows back in one statement, each column where it still holds what it was changed to. */
export async function restoreRows(session: Session, table: string, batch: RestoreBatch): Promise<boolean[]> {
  const { key, keyValues, columns } = restoreParts(batch);
  const binds = [...keyValues, ...columns.flatMap(({ from, to }) => [from, to])].map(arrayLiteral);
  const all = [...key, ...columns.flatMap(({ column }) => [column, column])];
  const names = [...all.map((_, at) => `c${at}`), 'n'];
  const at = (column: Column, index: number) => intoColumn(column, `g.c${index}`);
  const pairs = columns.map(({ column }, index) => {
    const there = `t.${quote(column.name)}`;
    const from = `g.c${key.length + 2 * index}`;
    const isSame = `(${from} IS NOT NULL AND ${equals(column, there, at(column, key.length + 2 * index))})`;
    const to = at(column, key.length + 2 * index + 1);
    return { isSame, set: `${quote(column.name)} = CASE WHEN ${isSame} THEN ${to} ELSE ${there} END` };
  });
  const rows = await session.query(
    [
      `UPDATE ${table} AS t SET ${pairs.map(({ set }) => set).join(', ')}`,
      `FROM ${unnest(all)} WITH ORDINALITY AS g(${names.join(', ')})`,
      `WHERE ${key.map((column, index) => `t.${quote(column.name)} = ${at(column, index)}`).join(' AND ')}`,
      `AND (${pairs.map(({ isSame }) => isSame).join(' OR ')}) RETURNING g.n::text`,
    ].join(' '),
    binds,
  );
  const changed = new Set(rows.map(([number]) => Number(number)));
  return batch.rows.map((_, index) => changed.has(index + 1));
}

/** The rows of a batch as arrays, one per column. A row that leaves a column alone has no `from` there. */
export function restoreParts({ table, rows }: RestoreBatch) {
  const columnOf = (name: string): Column => table.columns.get(name) ?? { name, kind: 'other' };
  const keys = Object.keys(rows[0]?.key ?? {});
  const names = [...new Set(rows.flatMap(row => Object.keys(row.columns)))];
  return {
    key: keys.map(columnOf),
    keyValues: keys.map(name => rows.map(row => row.key[name] ?? null)),
    columns: names.map(
      (name): RestoreColumn => ({
        column: columnOf(name),
        from: rows.map(row => row.columns[name]?.from ?? null),
        to: rows.map(row => row.columns[name]?.to ?? null),
      }),
    ),
  };
}

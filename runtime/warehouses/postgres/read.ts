import type { Cell, Cells } from '../../core/destinations.ts';
import type { Column, Table } from '../engine.ts';
import { cellsOf } from '../shared/cells.ts';
import { arrayLiteral, asText, fromText, intoColumn, quote, unnest } from './dialect.ts';
import type { Session } from './session.ts';

/** Whole rows by their keys, in the order of the keys. */
export async function readRows(
  session: Session,
  name: string,
  table: Table,
  keys: readonly Cells[],
): Promise<(Cells<Cell | null> | undefined)[]> {
  const key = Object.keys(keys[0] ?? {}).map(
    (column): Column => table.columns.get(column) ?? { name: column, kind: 'other' },
  );
  const columns = [...table.columns.values()];
  const rows = await session.query(
    [
      `SELECT g.n::text, ${columns.map(column => asText(column, `t.${quote(column.name)}`)).join(', ')}`,
      `FROM ${unnest(key)} WITH ORDINALITY AS g(${[...key.map((_, at) => `c${at}`), 'n'].join(', ')})`,
      `JOIN ${name} AS t ON`,
      key.map((column, at) => `t.${quote(column.name)} = ${intoColumn(column, `g.c${at}`)}`).join(' AND '),
    ].join(' '),
    key.map(column => arrayLiteral(keys.map(each => each[column.name] ?? null))),
  );
  const found: (Cells<Cell | null> | undefined)[] = keys.map(() => undefined);
  for (const [number, ...values] of rows) found[Number(number) - 1] = rowOf(columns, values);
  return found;
}

/** A row of texts as cells. */
export function rowOf(columns: readonly Column[], values: readonly (string | null)[]): Cells<Cell | null> {
  return cellsOf<Cell | null>(
    columns.map((column, at) => [column.name, fromText(column, values[at] ?? null)] as const),
  );
}

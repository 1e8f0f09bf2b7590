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
  const key = keyColumns(table, keys);
  const columns = [...table.columns.values()];
  const rows = await session.query(
    [
      `SELECT g.n::text, ${columns.map(column => asText(column, `t.${quote(column.name)}`)).join(', ')}`,
      fromKeys(key, name),
    ].join(' '),
    key.map(column => arrayLiteral(keys.map(each => each[column.name] ?? null))),
  );
  const found: (Cells<Cell | null> | undefined)[] = keys.map(() => undefined);
  for (const [number, ...values] of rows) found[Number(number) - 1] = rowOf(columns, values);
  return found;
}

/** Which rows, by their keys, another transaction holds: those that are there and would have to be waited for. */
export async function lockedRows(
  session: Session,
  name: string,
  table: Table,
  keys: readonly Cells[],
): Promise<boolean[]> {
  const key = keyColumns(table, keys);
  const binds = key.map(column => arrayLiteral(keys.map(each => each[column.name] ?? null)));
  const numbers = async (more: string) => {
    const rows = await session.query(`SELECT g.n::text ${fromKeys(key, name)}${more}`, binds);
    return new Set(rows.map(([number]) => Number(number) - 1));
  };
  const free = await numbers(' FOR UPDATE OF t SKIP LOCKED');
  const there = await numbers('');
  return keys.map((_, at) => there.has(at) && !free.has(at));
}

function keyColumns(table: Table, keys: readonly Cells[]): Column[] {
  return Object.keys(keys[0] ?? {}).map(
    column => table.columns.get(column) ?? { name: column, kind: 'other' },
  );
}

/** The keys, numbered, with the rows that they name. */
function fromKeys(key: readonly Column[], name: string): string {
  return [
    `FROM ${unnest(key)} WITH ORDINALITY AS g(${[...key.map((_, at) => `c${at}`), 'n'].join(', ')})`,
    `JOIN ${name} AS t ON`,
    key.map((column, at) => `t.${quote(column.name)} = ${intoColumn(column, `g.c${at}`)}`).join(' AND '),
  ].join(' ');
}

/** A row of texts as cells. */
export function rowOf(columns: readonly Column[], values: readonly (string | null)[]): Cells<Cell | null> {
  return cellsOf<Cell | null>(
    columns.map((column, at) => [column.name, fromText(column, values[at] ?? null)] as const),
  );
}

import type { Call } from '../../core/call.ts';
import type { Cell, Cells, RestoreRow, TableTarget } from '../../core/destinations.ts';
import type { RestoreBatch, Table } from '../engine.ts';
import { noCells } from './cells.ts';
import type { Settling } from './settle.ts';
import { keyColumns } from './source.ts';
import { againWhenStale } from './store.ts';
import { toKind } from './typing.ts';

/** Rows by their keys, in the order of the keys. A table, column or row that is not there is undefined. */
export async function readRows(
  settling: Settling,
  call: Call,
  target: TableTarget,
  keys: readonly Cells[],
): Promise<(Cells<Cell | null> | undefined)[]> {
  return await againWhenStale(settling, target.table, async () => {
    const table = await settling.tables.current(call, target.table);
    const found: (Cells<Cell | null> | undefined)[] = keys.map(() => undefined);
    if (!table) return found;
    const columns = keyColumns(settling.names, target, table);
    const asked = keys.flatMap((key, index) => {
      const fitting = fitKey(table, columns, key);
      return fitting ? [{ index, key: fitting }] : [];
    });
    if (asked.length === 0) return found;
    const rows = await settling.engine.read(
      call,
      table,
      asked.map(({ key }) => key),
    );
    for (const [at, { index }] of asked.entries()) found[index] = rows[at];
    return found;
  });
}

/** Sets rows back, table by table. Whether each was changed. */
export async function restoreRows(
  settling: Settling,
  call: Call,
  rows: readonly RestoreRow[],
): Promise<boolean[]> {
  const changed = rows.map(() => false);
  const names = [...new Set(rows.map(row => row.table))];
  for (const name of names) {
    await againWhenStale(settling, name, async () => {
      const table = await tableWithColumns(settling, call, name, rows);
      if (!table) return;
      const asked = rows.flatMap((row, index) => {
        const fitting = row.table === name ? fitRestore(table, row) : undefined;
        return fitting ? [{ index, row: fitting }] : [];
      });
      if (asked.length === 0) return;
      const batch: RestoreBatch = { table, rows: asked.map(({ row }) => row) };
      const done = await settling.engine.restore(call, batch);
      for (const [at, { index }] of asked.entries()) changed[index] = done[at] ?? false;
    });
  }
  return changed;
}

/** The table, looked at anew where it lacks a column of the rows: another process may have made it since. */
async function tableWithColumns(
  { tables }: Settling,
  call: Call,
  name: string,
  rows: readonly RestoreRow[],
): Promise<Table | undefined> {
  const table = await tables.current(call, name);
  const isKnown = (row: RestoreRow) =>
    row.table !== name || Object.keys(row.columns).every(column => table?.columns.has(column));
  return !table || rows.every(isKnown) ? table : await tables.look(call, name);
}

function fitKey(table: Table, columns: readonly string[], key: Cells): Cells | undefined {
  const fitting = noCells<Cell>();
  for (const name of columns) {
    const value = fitCell(table, name, key[name]);
    if (value === undefined) return undefined;
    fitting[name] = value;
  }
  return fitting;
}

/** Columns that are gone, or hold another kind by now, are left as they are. */
function fitRestore(table: Table, row: RestoreRow): RestoreBatch['rows'][number] | undefined {
  const key = fitKey(table, Object.keys(row.key), row.key);
  if (!key) return undefined;
  const columns = noCells<{ from: Cell; to: Cell | null }>();
  for (const name in row.columns) {
    const given = row.columns[name];
    const from = fitCell(table, name, given?.from);
    const to = given?.to == null ? null : fitCell(table, name, given.to);
    if (from !== undefined && to !== undefined) columns[name] = { from, to };
  }
  return Object.keys(columns).length === 0 ? undefined : { key, columns, version: row.version };
}

function fitCell(table: Table, name: string, value: Cell | undefined): Cell | undefined {
  const column = table.columns.get(name);
  return column && value !== undefined ? toKind(column.kind, value) : undefined;
}

import type { Call } from '../../core/call.ts';
import type { Cells, RestoreRow, TableTarget } from '../../core/destinations.ts';
import { keyText } from './batch.ts';
import { keyCells, noCells } from './cells.ts';
import { readRows, restoreRows } from './rows.ts';
import type { Settling } from './settle.ts';
import type { Source } from './source-row.ts';

/** What a null in an event does to a column that has a value. */
export type NullPolicy =
  /** Nothing: it is as if the field were missing. */
  | 'keep'
  /** The column becomes NULL. */
  | 'clear';

/** Where the events are. */
export interface NullPlace {
  target: TableTarget;
  /** Columns of the primary key. */
  key: readonly string[];
}

/**
 * Clears columns of which the last event of a row says that they are null: after the events were stored, what stands there is
 * read and set to NULL where it still is that. A second try does no harm.
 */
export async function clearNulls(
  settling: Settling,
  call: Call,
  { target, key }: NullPlace,
  sources: readonly Source[],
): Promise<void> {
  const rows = new Map<string, { key: Cells; nulls: Set<string>; version: bigint }>();
  for (const { cells, nulls = [], version } of sources) {
    const text = keyText(cells, key);
    const row = rows.get(text) ?? { key: keyCells(cells, key), nulls: new Set<string>(), version };
    rows.set(text, row);
    for (const column of Object.keys(cells)) row.nulls.delete(column);
    for (const column of nulls) if (cells[column] === undefined) row.nulls.add(column);
    if (version > row.version) row.version = version;
  }
  const wanted = [...rows.values()].filter(({ nulls }) => nulls.size > 0);
  if (wanted.length === 0) return;
  const found = await readRows(
    settling,
    call,
    target,
    wanted.map(row => row.key),
  );
  const back = wanted.flatMap((row, at): RestoreRow[] => {
    const columns: RestoreRow['columns'] = noCells();
    for (const column of row.nulls) {
      const from = found[at]?.[column];
      if (from !== null && from !== undefined) columns[column] = { from, to: null };
    }
    if (Object.keys(columns).length === 0) return [];
    return [{ table: target.table, key: row.key, columns, version: row.version + 1n }];
  });
  if (back.length > 0) await restoreRows(settling, call, back);
}

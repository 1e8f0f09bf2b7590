import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Batch, RestoreBatch, Table } from '../engine.ts';
import { columnsToSet, sameCell } from '../row-rule.ts';
import { cellsOf, columnError, noCells, shown } from '../shared/cells.ts';
import { mergedAside, UNMAPPED } from '../shared/misfits.ts';
import type { Clickhouse } from './client.ts';
import type { ClickhouseTable } from './describe.ts';
import { exampleTable } from './describe.ts';
import type { StoredRow } from './rows.ts';
import { insertRows, selectRows, valuesOf } from './rows.ts';
import { quoted } from './sql.ts';
import { fromJson, isEmptyValue } from './types.ts';

/** A version of a row that is to be written. */
interface NewRow {
  values: string[];
  version: bigint | undefined;
}

/**
 * Inserts rows. One that is there is written again as a whole, with the given columns set: as the newest version, or where
 * the given one is older than what is there, only with what that does not say.
 */
export async function upsert(clickhouse: Clickhouse, call: Call, batch: Batch): Promise<void> {
  const table = asClickhouseTable(batch.table);
  checkKey(table, batch.primaryKey);
  const rows = rowsOf(batch);
  const there = await selectRows(clickhouse, call, table, batch.primaryKey, rows);
  const written = rows.flatMap((row, at): NewRow[] => {
    const version = batch.versions[at] ?? 0n;
    const old = there[at];
    if (!old) return [{ values: valuesOf(table, row, undefined), version }];
    const set = setOn(table, old, row, version);
    const isNewer = old.version === undefined ? false : version > old.version;
    if (!isNewer && Object.keys(set).length === 0) return [];
    return [{ values: valuesOf(table, set, old), version: newest(old.version, version) }];
  });
  await insertRows(clickhouse, call, table, written);
}

/** Sets identities by a new version of each row. The columns of the partition and sorting key stay what they are. */
export async function amend(clickhouse: Clickhouse, call: Call, batch: AmendBatch): Promise<AmendFound[]> {
  const table = asClickhouseTable(batch.table);
  checkKey(table, batch.primaryKey);
  const fixed = batch.identity.find(name => table.columns.get(name)?.inPartitionKey);
  if (fixed !== undefined) {
    throw columnError(
      fixed,
      `clickhouse: column ${shown(fixed)} is part of the partition key of table ${shown(table.name)}: an identity in it cannot be amended`,
    );
  }
  const rows = rowsOf(batch);
  const there = await selectRows(clickhouse, call, table, batch.primaryKey, rows);
  const written: NewRow[] = [];
  const found = rows.map((row, at): AmendFound => {
    const stored = there[at];
    if (!stored) return 'missing';
    const version = batch.versions[at] ?? 0n;
    const old = cellsAt(table, stored, batch.identity);
    const set = columnsToSet(old, row, batch) ?? noCells<Cell>();
    // What an older amendment finds was put there by a newer one, which it does not take back.
    const isOlder = stored.version !== undefined && version < stored.version;
    for (const name of isOlder ? Object.keys(set) : []) {
      if (old[name] === null) continue;
      old[name] = set[name] ?? null;
      delete set[name];
    }
    if (Object.keys(set).length === 0) return 'unchanged';
    written.push({ values: valuesOf(table, set, stored), version: newest(stored.version, version) });
    return { old };
  });
  await insertRows(clickhouse, call, table, written);
  return found;
}

/** Sets columns back that still are what they were made. */
export async function restore(clickhouse: Clickhouse, call: Call, batch: RestoreBatch): Promise<boolean[]> {
  const table = asClickhouseTable(batch.table);
  const primaryKey = Object.keys(batch.rows[0]?.key ?? {});
  const keys = batch.rows.map(row => row.key);
  const there = await selectRows(clickhouse, call, table, primaryKey, keys);
  const written: NewRow[] = [];
  const changed = batch.rows.map((row, at) => {
    const stored = there[at];
    if (!stored) return false;
    const now = cellsAt(table, stored, Object.keys(row.columns));
    const set = noCells<Cell | null>();
    for (const name in row.columns) {
      const given = row.columns[name];
      if (given && sameCell(now[name] ?? null, given.from)) set[name] = given.to;
    }
    if (Object.keys(set).length === 0) return false;
    written.push({ values: valuesOf(table, set, stored), version: newest(stored.version, row.version) });
    return true;
  });
  await insertRows(clickhouse, call, table, written);
  return changed;
}

/** Rows by key, as they are now. */
export async function read(
  clickhouse: Clickhouse,
  call: Call,
  given: Table,
  keys: readonly Cells[],
): Promise<(Cells<Cell | null> | undefined)[]> {
  const table = asClickhouseTable(given);
  const rows = await selectRows(clickhouse, call, table, Object.keys(keys[0] ?? {}), keys);
  return rows.map(
    row => row && cellsOf(table.stored.map((column, at) => [column.name, fromJson(column, row.values[at])])),
  );
}

/** A table as `describeTable` made it. */
export function asClickhouseTable(table: Table): ClickhouseTable {
  if ('stored' in table) return table as ClickhouseTable;
  throw new Error(`table ${table.name} was not described by this engine`);
}

/** What a load changes on a row. Columns of the partition key stay: their versions would never be merged. */
function setOn(
  table: ClickhouseTable,
  old: StoredRow,
  row: Cells<Cell | null>,
  version: bigint,
): Cells<Cell | null> {
  const isOlder = old.version !== undefined && version < old.version;
  const set = noCells<Cell | null>();
  for (const [at, column] of table.stored.entries()) {
    const value = row[column.name] ?? null;
    const isFixed = column.inPartitionKey || table.primaryKey.includes(column.name);
    if (value === null || isFixed) continue;
    const now = old.values[at];
    const before = fromJson(column, now);
    // Values beside a row add up; of any other column the later value counts.
    if (column.name === UNMAPPED && before !== null) {
      set[column.name] = isOlder ? mergedAside(value, before) : mergedAside(before, value);
    } else if (isOlder ? isEmptyValue(column, now) : !sameCell(before, value)) set[column.name] = value;
  }
  return set;
}

function cellsAt(table: ClickhouseTable, row: StoredRow, names: readonly string[]): Cells<Cell | null> {
  const cells = noCells<Cell | null>();
  for (const [at, column] of table.stored.entries()) {
    if (!names.includes(column.name)) continue;
    cells[column.name] = isEmptyValue(column, row.values[at]) ? null : fromJson(column, row.values[at]);
  }
  return cells;
}

/** Rows of equal versions are told apart by which was inserted later. */
function newest(there: bigint | undefined, version: bigint): bigint | undefined {
  if (there === undefined) return undefined;
  return version > there ? version : there;
}

/** Throws WAREHOUSE_ERROR where the sorting key is not the primary key. */
function checkKey(table: ClickhouseTable, primaryKey: readonly string[]): void {
  const isSame =
    table.primaryKey.length === primaryKey.length &&
    primaryKey.every(name => table.primaryKey.includes(name));
  if (isSame) return;
  throw new PackError(
    'WAREHOUSE_ERROR',
    `clickhouse: table ${shown(table.name)} is sorted by (${table.primaryKey.join(', ')}), and its rows are told apart by that and not by ` +
      `${primaryKey.join(', ')}. Set primary_key_fields to it, or make another table: ${exampleTable(table.name, primaryKey.map(quoted).join(', '))}`,
  );
}

function rowsOf(batch: Batch): Cells<Cell | null>[] {
  return Array.from({ length: batch.rows }, (_, row) =>
    cellsOf(batch.columns.map((column, at) => [column.name, batch.values[at]?.[row] ?? null] as const)),
  );
}

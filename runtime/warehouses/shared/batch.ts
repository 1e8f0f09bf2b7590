import type { Cell, Cells } from '../../core/destinations.ts';
import type { Batch, Column, Table } from '../engine.ts';
import { columnError, noCells, shown } from './cells.ts';
import { mergedAside, UNMAPPED } from './misfits.ts';
import type { Settled } from './settle.ts';
import type { Source } from './source-row.ts';

/** A row to write, and the events it was made of. */
export interface Row<S extends Source = Source> {
  key: string;
  cells: Cells;
  sources: S[];
  version: bigint;
}

const MAX_BYTES = 32 * 2 ** 20;

/** Which key columns and which limits a batch is made with. */
export interface BatchOptions {
  table: Table;
  primaryKey: readonly string[];
  /** About, in one statement. Default: 32 MiB. */
  bytes?: number | undefined;
}

/** One row per primary key: of several events the later one's columns count. In the order of the keys. */
export function mergeByKey<S extends Source>(
  settled: Settled<S>['rows'],
  primaryKey: readonly string[],
): Row<S>[] {
  const rows = settled.map(({ source, cells }) => ({
    key: keyText(cells, primaryKey),
    cells,
    sources: [source],
    version: source.version,
  }));
  // Always in one order, so that two processes that write the same rows do not lock them crosswise. Those of one key keep
  // theirs.
  rows.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  return rows.some((row, at) => row.key === rows[at - 1]?.key) ? merged(rows) : rows;
}

function merged<S extends Source>(sorted: readonly Row<S>[]): Row<S>[] {
  const rows: Row<S>[] = [];
  for (const next of sorted) {
    const row = rows.at(-1);
    if (row?.key !== next.key) {
      rows.push(next);
      continue;
    }
    row.cells = joinCells(row.cells, next.cells);
    row.sources.push(...next.sources);
    if (next.version > row.version) row.version = next.version;
  }
  return rows;
}

function joinCells(before: Cells, later: Cells): Cells {
  const cells = Object.assign(noCells<Cell>(), before, later);
  const [one, two] = [before[UNMAPPED], later[UNMAPPED]];
  if (one !== undefined && two !== undefined) cells[UNMAPPED] = mergedAside(one, two);
  return cells;
}

/** Text that tells keys apart. */
export function keyText(cells: Cells, primaryKey: readonly string[]): string {
  const [first = ''] = primaryKey;
  if (primaryKey.length === 1) return String(cells[first]);
  return JSON.stringify(primaryKey.map(column => String(cells[column])));
}

/** Batches that are small enough to send: usually one. Rows that cast a column differently are kept apart. */
export function batchesOf<S extends Source>(
  rows: readonly Row<S>[],
  options: BatchOptions,
): { batch: Batch; rows: Row<S>[] }[] {
  const groups = new Map<string, { rows: Row<S>[]; casts: ReadonlyMap<string, string> }>();
  for (const row of rows) {
    const casts = castsOf(row);
    const signature = casts.size === 0 ? '' : JSON.stringify([...casts].sort());
    const group = groups.get(signature);
    if (group) group.rows.push(row);
    else groups.set(signature, { rows: [row], casts });
  }
  return [...groups.values()].flatMap(group =>
    bySize(group.rows, options.bytes ?? MAX_BYTES).map(part => ({
      rows: part,
      batch: toBatch(part, group.casts, options),
    })),
  );
}

const NO_CASTS: ReadonlyMap<string, string> = new Map();

function castsOf(row: Row): ReadonlyMap<string, string> {
  if (row.sources.every(({ types }) => types.size === 0)) return NO_CASTS;
  const casts = new Map<string, string>();
  for (const { types } of row.sources) {
    for (const [column, { castType }] of types) {
      if (castType !== undefined && row.cells[column] !== undefined) casts.set(column, castType);
    }
  }
  return casts;
}

function toBatch(
  rows: readonly Row[],
  casts: ReadonlyMap<string, string>,
  { table, primaryKey }: BatchOptions,
): Batch {
  const names = new Set<string>();
  for (const row of rows) for (const name in row.cells) names.add(name);
  const sorted = [...names].sort();
  return {
    table,
    primaryKey,
    columns: sorted.map(name => columnOf(table, name, casts.get(name))),
    values: sorted.map(name => rows.map(row => row.cells[name] ?? null)),
    versions: rows.map(row => row.version),
    rows: rows.length,
  };
}

function columnOf(table: Table, name: string, castType: string | undefined): Column {
  const column = table.columns.get(name);
  if (!column) throw columnError(name, `table ${shown(table.name)} has no column ${shown(name)}`);
  return castType === undefined ? column : { ...column, castType };
}

function bySize<S extends Source>(rows: readonly Row<S>[], most: number): Row<S>[][] {
  const parts: Row<S>[][] = [[]];
  let bytes = 0;
  for (const row of rows) {
    const size = sizeOf(row.cells);
    if (bytes > 0 && bytes + size > most) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(row);
    bytes += size;
  }
  return parts;
}

function sizeOf(cells: Cells): number {
  let size = 0;
  for (const name in cells) {
    const value = cells[name];
    size += typeof value === 'string' ? value.length : 8;
  }
  return size;
}

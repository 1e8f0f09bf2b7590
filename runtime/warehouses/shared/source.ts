import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells, LoadEvent, TableTarget } from '../../core/destinations.ts';
import type { Engine, Table } from '../engine.ts';
import { columnError, noCells, shown } from './cells.ts';
import type { Names } from './column-name.ts';
import type { FlatEvent, Shape } from './flatten.ts';
import { flatten, tableOf } from './flatten.ts';
import type { Settling } from './settle.ts';
import type { Source } from './source-row.ts';
import type { SqlTypeHint } from './sql-type.ts';
import { SQL_TYPE_PREFIX } from './sql-type.ts';

/** The events of a call by their tables, and why some cannot be stored at all. */
export interface Sources {
  byTable: Map<string, Source[]>;
  failed: Map<number, PackError>;
  shapes: Map<string, TableShape>;
}

/** A table that events of a call go to. */
export interface TableShape extends Shape {
  /** Columns of the primary key. */
  key: string[];
}

/** What tables are looked up with. */
export interface ShapeOptions {
  settling: Settling;
  target: TableTarget;
}

/** The table as it is, if it is there, and what its key's columns are called. */
export async function shapeOf(
  { settling, target }: ShapeOptions,
  call: Call,
  name: string,
): Promise<TableShape> {
  const { engine, names, tables } = settling;
  const isNamed = badTableName(name, engine) === undefined;
  const table = isNamed ? await tables.current(call, name).catch(unlessAway) : undefined;
  return { names, table, key: keyColumns(names, target, table) };
}

/** What is wrong with the table itself is told of its own events, when they are to be stored. */
function unlessAway(error: unknown): undefined {
  if (!(error instanceof PackError) || error.code !== 'WAREHOUSE_ERROR') throw error;
}

/** Columns of the primary key. */
export function keyColumns(names: Names, target: TableTarget, table?: Table): string[] {
  const columns = [...new Set(target.primaryKeyFields.map(field => names.ofField(field, table)))];
  if (columns.length > 0) return columns;
  throw new PackError('WAREHOUSE_ERROR', 'primary_key_fields must name at least one field');
}

/** What {@link sourcesOf} is to make of events. */
export interface SourcesOptions extends ShapeOptions {
  /** Only the columns of the primary key are needed: an event that has them at hand is not flattened. */
  keyOnly?: boolean;
}

/** Flattens events and sorts them by table. */
export async function sourcesOf(
  options: SourcesOptions,
  call: Call,
  events: readonly LoadEvent[],
): Promise<Sources> {
  const byTable = new Map<string, Source[]>();
  const failed = new Map<number, PackError>();
  const shapes = new Map<string, TableShape>();
  for (let index = 0; index < events.length; index++) {
    const each = events[index] as LoadEvent;
    try {
      const name = tableOf(each.event) ?? options.target.table;
      let shape = shapes.get(name);
      if (!shape) {
        shape = await shapeOf(options, call, name);
        shapes.set(name, shape);
      }
      const source = sourceOf({ ...options, shape, name }, each, index);
      const same = byTable.get(source.table);
      if (same) same.push(source);
      else byTable.set(source.table, [source]);
    } catch (error) {
      if (!(error instanceof PackError) || error.code !== 'WAREHOUSE_ERROR') throw error;
      failed.set(index, error);
    }
  }
  return { byTable, failed, shapes };
}

/** Why no table can have this name; undefined: one can. */
export function badTableName(table: string, { limits }: Engine): string | undefined {
  const { identifier: longest, inBytes = false } = limits;
  const length = inBytes ? Buffer.byteLength(table) : table.length;
  const why =
    table === ''
      ? 'is empty'
      : length > longest
        ? `has ${length} ${inBytes ? 'bytes' : 'characters'} and this warehouse allows ${longest}`
        : table.includes('\0')
          ? 'holds a NUL character'
          : table.isWellFormed()
            ? undefined
            : 'holds half of a surrogate pair, which is no text';
  return why && `table ${shown(table)} ${why}: choose another name`;
}

/** One event. Throws WAREHOUSE_ERROR where it cannot be stored anywhere. */
export function sourceOf(
  {
    settling: { engine },
    shape,
    name: table,
    keyOnly = false,
  }: SourcesOptions & { shape: TableShape; name: string },
  { event, version }: LoadEvent,
  index: number,
): Source {
  const { key } = shape;
  const atHand = keyOnly ? keyAtHand(event, key) : undefined;
  const flat: Omit<FlatEvent, 'table' | 'types'> & Pick<Source, 'types'> = atHand
    ? { cells: atHand, types: NO_TYPES }
    : flatten(event, shape);
  const bad = badTableName(table, engine);
  if (bad) throw new PackError('WAREHOUSE_ERROR', bad, { details: { table: shown(table).slice(1, -1) } });
  const lacking = atHand ? undefined : key.find(column => flat.cells[column] === undefined);
  if (lacking !== undefined) {
    throw columnError(
      lacking,
      `the event has no value for ${shown(lacking)}, which is part of its primary key`,
    );
  }
  const source = { index, table, cells: flat.cells, types: flat.types, version, isKey: atHand !== undefined };
  return flat.nulls ? { ...source, nulls: flat.nulls } : source;
}

const NO_TYPES: ReadonlyMap<string, SqlTypeHint> = new Map();

const hints = new Map<string, string>();
const MAX_HINTS = 1_000;

/** Where an event says the type of a column; made once for each of the few columns of primary keys. */
function hintOf(column: string): string {
  let hint = hints.get(column);
  if (hint === undefined) {
    if (hints.size >= MAX_HINTS) hints.clear();
    hint = `${SQL_TYPE_PREFIX}${column}`;
    hints.set(column, hint);
  }
  return hint;
}

/** The key's columns where they are fields of the event by the very same names; undefined: it has to be flattened. */
function keyAtHand(event: Readonly<Record<string, unknown>>, key: readonly string[]): Cells | undefined {
  const cells = noCells<Cell>();
  for (const column of key) {
    const value = Object.hasOwn(event, column) ? event[column] : undefined;
    const isPlain =
      typeof value === 'string' ||
      (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER);
    if (!isPlain || Object.hasOwn(event, hintOf(column))) return undefined;
    cells[column] = value;
  }
  return cells;
}

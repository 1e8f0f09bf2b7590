import { PackError } from '../../../contract/errors.ts';
import type { Cell, Cells, LoadEvent, TableTarget } from '../../core/destinations.ts';
import type { Engine } from '../engine.ts';
import { columnError, noCells, shown } from './cells.ts';
import { columnOfField } from './column-name.ts';
import { flatten, tableOf } from './flatten.ts';
import type { SqlTypeHint } from './sql-type.ts';
import { SQL_TYPE_PREFIX } from './sql-type.ts';

/** One event of a call, flattened. */
export interface Source {
  /** Where it stands in the call. */
  index: number;
  table: string;
  /** Of the whole event, or of its key alone. */
  cells: Cells;
  types: ReadonlyMap<string, SqlTypeHint>;
  version: bigint;
  /** Columns whose values the warehouse refused: they go beside the row. */
  aside?: ReadonlySet<string>;
  /** The cells are those of the key and no others. */
  isKey: boolean;
}

/** The events of a call by their tables, and why some cannot be stored at all. */
export interface Sources {
  byTable: Map<string, Source[]>;
  failed: Map<number, PackError>;
}

/** Columns of the primary key. */
export function keyColumns(target: TableTarget): string[] {
  const columns = [...new Set(target.primaryKeyFields.map(columnOfField))];
  if (columns.length > 0) return columns;
  throw new PackError('WAREHOUSE_ERROR', 'primary_key_fields must name at least one field');
}

/** What {@link sourcesOf} is to make of events. */
export interface SourcesOptions {
  target: TableTarget;
  key: readonly string[];
  /** Only the columns of the primary key are needed: an event that has them at hand is not flattened. */
  keyOnly?: boolean;
}

/** Flattens events and sorts them by table. */
export function sourcesOf(engine: Engine, options: SourcesOptions, events: readonly LoadEvent[]): Sources {
  const byTable = new Map<string, Source[]>();
  const failed = new Map<number, PackError>();
  for (let index = 0; index < events.length; index++) {
    try {
      const source = sourceOf(engine, options, events[index] as LoadEvent, index);
      const same = byTable.get(source.table);
      if (same) same.push(source);
      else byTable.set(source.table, [source]);
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      failed.set(index, error);
    }
  }
  return { byTable, failed };
}

/** Why no table can have this name; undefined: one can. */
export function badTableName(table: string, longest: number): string | undefined {
  const why =
    table === ''
      ? 'is empty'
      : table.length > longest
        ? `has ${table.length} characters and this warehouse allows ${longest}`
        : table.includes('\0')
          ? 'holds a NUL character'
          : table.isWellFormed()
            ? undefined
            : 'holds half of a surrogate pair, which is no text';
  return why && `table ${shown(table)} ${why}: choose another name`;
}

/** One event. Throws WAREHOUSE_ERROR where it cannot be stored anywhere. */
export function sourceOf(
  engine: Engine,
  { target, key, keyOnly = false }: SourcesOptions,
  { event, version }: LoadEvent,
  index: number,
): Source {
  const { identifier } = engine.limits;
  const atHand = keyOnly ? keyAtHand(event, key) : undefined;
  const flat = atHand
    ? { table: tableOf(event), cells: atHand, types: NO_TYPES }
    : flatten(event, identifier);
  const table = flat.table ?? target.table;
  const bad = badTableName(table, identifier);
  if (bad) throw new PackError('WAREHOUSE_ERROR', bad, { details: { table: shown(table).slice(1, -1) } });
  const lacking = atHand ? undefined : key.find(column => flat.cells[column] === undefined);
  if (lacking !== undefined) {
    throw columnError(
      lacking,
      `the event has no value for ${shown(lacking)}, which is part of its primary key`,
    );
  }
  return { index, table, cells: flat.cells, types: flat.types, version, isKey: atHand !== undefined };
}

const NO_TYPES: ReadonlyMap<string, SqlTypeHint> = new Map();

const hints = new Map<string, string>();
const MOST_HINTS = 1_000;

/** Where an event says the type of a column; made once for each of the few columns of primary keys. */
function hintOf(column: string): string {
  let hint = hints.get(column);
  if (hint === undefined) {
    if (hints.size >= MOST_HINTS) hints.clear();
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
    const isPlain = typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
    if (!isPlain || Object.hasOwn(event, hintOf(column))) return undefined;
    cells[column] = value;
  }
  return cells;
}

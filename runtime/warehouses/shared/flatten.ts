import { PackError } from '../../../contract/errors.ts';
import { withBigints } from '../../../contract/exact-json.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import { columnError, noCells, shown } from './cells.ts';
import type { Names, Place } from './column-name.ts';
import { exactJson } from './json.ts';
import type { SqlTypeHint } from './sql-type.ts';
import { readSqlType, SQL_TYPE_PREFIX } from './sql-type.ts';

/** An event as columns. */
export interface FlatEvent {
  /** The event's own `JITSU_TABLE_NAME`. */
  table: string | undefined;
  cells: Cells;
  /** By column. */
  types: Map<string, SqlTypeHint>;
  /** Columns of fields that are null. */
  nulls?: string[];
}

/** Where an event names its own table. */
export const TABLE_NAME_KEY = 'JITSU_TABLE_NAME';

/** In an object: the type of the column that holds all of it. */
const OWN_TYPE_KEY = SQL_TYPE_PREFIX.slice(0, -1);
/** What is nested deeper is kept as JSON text. */
const DEEPEST = 32;

/** How columns are named, and the table as it is: its JSON columns take objects whole. */
export interface Shape {
  names: Names;
  table?: Table | undefined;
}

/** What is being put together. */
interface Work extends Omit<FlatEvent, 'table'>, Shape {
  /** Columns that two fields wanted. */
  shared: Set<string> | undefined;
}

/**
 * Nested keys become columns; arrays, and objects for columns of JSON, JSON text; nulls are no values. Of two fields that
 * become one column and differ, the one that is nested less keeps the name, of two at one depth the one that is spelled as the
 * column: `Event_Id` does not take the place of the key `event_id`. Throws WAREHOUSE_ERROR with `details.column`.
 */
export function flatten(given: Readonly<Record<string, unknown>>, shape: Shape): FlatEvent {
  const event = withBigints(given);
  const { names, table } = shape;
  const work: Work = { names, table, cells: noCells<Cell>(), types: new Map(), shared: undefined };
  const root = names.root();
  readTypes(work, event, root);
  walk(work, event, { place: root, depth: 0 });
  if (work.shared) keepApart(work, event, root);
  const flat = { table: tableOf(event), cells: work.cells, types: work.types };
  return work.nulls ? { ...flat, nulls: work.nulls } : flat;
}

/** The table an event names itself. Throws WAREHOUSE_ERROR where it names none with it. */
export function tableOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const value = Object.hasOwn(event, TABLE_NAME_KEY) ? event[TABLE_NAME_KEY] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new PackError('WAREHOUSE_ERROR', `${TABLE_NAME_KEY} must be the name of a table`);
}

/** An object of an event, and where it stands. */
interface At {
  place: Place;
  depth: number;
}

function walk(work: Work, object: object, { place, depth }: At): void {
  const fields = object as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value === undefined || (depth === 0 && key === TABLE_NAME_KEY)) continue;
    if (value === null) {
      noteNull(work, place, key);
      continue;
    }
    if (key.startsWith(SQL_TYPE_PREFIX)) {
      if (depth > 0) readType(work, place, { key, value });
      continue;
    }
    const here = work.names.under(place, key);
    if (!isObject(value)) {
      const column = work.names.column(here, work.table);
      set(work, column, cellOf(column, value));
      continue;
    }
    const whole = wholeObject(work, object, { key, value, here, depth });
    if (whole === undefined) walk(work, value, { place: here, depth: depth + 1 });
    else set(work, work.names.column(here, work.table), whole);
  }
}

/** What the event's root says of columns, of those of nested fields too: known before any of them is looked at. */
function readTypes(work: Work, event: object, root: Place): void {
  for (const key in event)
    if (key.startsWith(SQL_TYPE_PREFIX) && Object.hasOwn(event, key))
      readType(work, root, { key, value: Reflect.get(event, key) as unknown });
}

function readType(work: Work, place: Place, { key, value }: { key: string; value: unknown }): void {
  if (value === undefined || value === null) return;
  const column = work.names.column(work.names.under(place, key.slice(SQL_TYPE_PREFIX.length)), work.table);
  work.types.set(column, readSqlType(column, value));
}

/** No column is made for it. */
function noteNull(work: Work, place: Place, key: string): void {
  const column = work.names.column(work.names.under(place, key), work.table);
  if (!work.table?.columns.has(column)) return;
  work.nulls ??= [];
  work.nulls.push(column);
}

/** The JSON text of an object that one column takes; undefined: its fields are columns. */
function wholeObject(
  work: Work,
  parent: object,
  { key, value, here, depth }: { key: string; value: object; here: Place; depth: number },
): string | undefined {
  const own: unknown = Object.hasOwn(value, OWN_TYPE_KEY) ? Reflect.get(value, OWN_TYPE_KEY) : undefined;
  const column = work.names.column(here, work.table);
  const isNamed = work.types.size > 0 && work.types.has(column);
  const isTyped = isNamed || own !== undefined || Object.hasOwn(parent, `${SQL_TYPE_PREFIX}${key}`);
  const isHeld = work.table?.columns.get(column)?.json === true;
  if (!isTyped && !isHeld && depth < DEEPEST) return undefined;
  if (own !== undefined) work.types.set(column, readSqlType(column, own));
  return jsonOf(without(value, OWN_TYPE_KEY)) ?? noJson(column, value);
}

function without(object: object, key: string): object {
  if (!Object.hasOwn(object, key)) return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function set(work: Work, column: string, value: Cell): void {
  const before = work.cells[column];
  if (before !== undefined && before !== value) {
    work.shared ??= new Set();
    work.shared.add(column);
  }
  work.cells[column] = value;
}

/** Fields that share a column and differ: always the same of them keeps the name, in whatever order they come. */
function keepApart(work: Work, event: object, root: Place): void {
  for (const column of work.shared ?? []) {
    const found = fieldsOf(work, event, column, { place: root, path: [] }).sort(byRight(column));
    const [first] = found;
    if (!first) continue;
    work.cells[column] = first.value;
    for (const { path, value } of found) {
      if (value !== first.value) work.cells[work.names.apart(column, `/${path.join('/')}`)] = value;
    }
  }
}

interface Field {
  path: string[];
  value: Cell;
}

/** Who has the column first. */
function byRight(column: string): (one: Field, other: Field) => number {
  const isSpelledSo = ({ path }: Field) => Number(path.join('_') === column);
  return (one, other) =>
    one.path.length - other.path.length ||
    isSpelledSo(other) - isSpelledSo(one) ||
    (one.path.join('/') < other.path.join('/') ? -1 : 1);
}

/** The fields whose values are of this column. */
function fieldsOf(
  work: Work,
  object: object,
  column: string,
  { place, path }: { place: Place; path: string[] },
): Field[] {
  return Object.entries(object).flatMap(([key, value]): Field[] => {
    if (value === null || value === undefined || key.startsWith(SQL_TYPE_PREFIX)) return [];
    const here = work.names.under(place, key);
    const at = [...path, key];
    const isWanted = work.names.column(here, work.table) === column;
    if (!isObject(value)) return isWanted ? [{ path: at, value: cellOf(column, value) }] : [];
    const whole = wholeObject(work, object, { key, value, here, depth: path.length });
    if (whole !== undefined) return isWanted ? [{ path: at, value: whole }] : [];
    return fieldsOf(work, value, column, { place: here, path: at });
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function cellOf(column: string, value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const text = Array.isArray(value) || value instanceof Date ? jsonOf(value) : undefined;
  if (text !== undefined) return value instanceof Date ? (JSON.parse(text) as string) : text;
  return noJson(column, value);
}

function noJson(column: string, value: unknown): never {
  throw columnError(
    column,
    `column ${shown(column)} holds ${typeof value === 'number' ? value : `a ${typeof value}`}, which is no JSON`,
  );
}

function jsonOf(value: unknown): string | undefined {
  try {
    const text = exactJson(value);
    return text === 'null' ? undefined : text;
  } catch {
    return undefined; // Nested too deeply.
  }
}

import { PackError } from '../../../contract/errors.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import { columnError, noCells, shown } from './cells.ts';
import { columnUnder, named } from './column-name.ts';
import type { SqlTypeHint } from './sql-type.ts';
import { readSqlType, SQL_TYPE_PREFIX } from './sql-type.ts';

/** An event as columns. */
export interface FlatEvent {
  /** The event's own `JITSU_TABLE_NAME`. */
  table: string | undefined;
  cells: Cells;
  /** By column. */
  types: Map<string, SqlTypeHint>;
}

/** Where an event names its own table. */
export const TABLE_NAME_KEY = 'JITSU_TABLE_NAME';

/** What is being put together. */
interface Work extends FlatEvent {
  event: Readonly<Record<string, unknown>>;
  longest: number;
}

/**
 * Nested keys joined with `_`, lowercased, characters outside `[a-z0-9_]` as `_`; arrays as JSON text; nulls dropped.
 * Two paths that become one column must hold the same value, or the event is refused: keeping one of them would lose
 * the other without a word. Throws WAREHOUSE_ERROR with `details.column`. `longest`: most characters of a name.
 */
export function flatten(event: Readonly<Record<string, unknown>>, longest: number): FlatEvent {
  const work: Work = { table: tableOf(event), cells: noCells<Cell>(), types: new Map(), event, longest };
  walk(work, event, undefined);
  return work;
}

/** The table an event names itself. Throws WAREHOUSE_ERROR where it names none with it. */
export function tableOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const value = Object.hasOwn(event, TABLE_NAME_KEY) ? event[TABLE_NAME_KEY] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new PackError('WAREHOUSE_ERROR', `${TABLE_NAME_KEY} must be the name of a table`);
}

/** Each level makes the name longer, so the limit of names ends every depth. */
function walk(work: Work, object: object, parent: string | undefined): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    if (parent === undefined && key === TABLE_NAME_KEY) continue;
    if (key.startsWith(SQL_TYPE_PREFIX)) {
      const column = checked(work, columnUnder(parent, key.slice(SQL_TYPE_PREFIX.length)));
      work.types.set(named(column), readSqlType(named(column), value));
      continue;
    }
    const column = checked(work, columnUnder(parent, key));
    if (isObject(value)) walk(work, value, column);
    else set(work, named(column), cellOf(named(column), value));
  }
}

function checked({ longest }: Work, column: string): string {
  if (column.length <= longest) return column;
  throw columnError(
    column,
    `column ${shown(column)} has ${column.length} characters and this warehouse allows ${longest}: shorten the field, or nest less`,
  );
}

function set(work: Work, column: string, value: Cell): void {
  const before = work.cells[column];
  if (before !== undefined && before !== value) {
    const paths = pathsOf(work.event, column, undefined, '').slice(0, 2).map(shown).join(' and ');
    throw columnError(
      column,
      `fields ${paths} both become column ${shown(column)} and differ: rename one of them`,
    );
  }
  work.cells[column] = value;
}

/** Where in an event the values of a column are. */
function pathsOf(object: object, column: string, parent: string | undefined, path: string): string[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const here = columnUnder(parent, key);
    if (value === null || value === undefined || !column.startsWith(here)) return [];
    if (isObject(value)) return pathsOf(value, column, here, `${path}/${key}`);
    return named(here) === column ? [`${path}/${key}`] : [];
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
  throw columnError(
    column,
    `column ${shown(column)} holds ${typeof value === 'number' ? value : `a ${typeof value}`}, which is no JSON`,
  );
}

function jsonOf(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text === 'null' ? undefined : text;
  } catch {
    return undefined; // Nested too deeply, or a bigint inside.
  }
}

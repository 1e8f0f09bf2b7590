import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/define-function.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { Column, Engine, Table } from '../engine.ts';
import { columnError, noCells, shown } from './cells.ts';
import type { Source } from './source.ts';
import type { Tables } from './tables.ts';
import { joinKinds, KIND_NAMES, kindOf, toKind } from './typing.ts';

/** What a table is settled with. */
export interface Settling {
  engine: Engine;
  tables: Tables;
}

/** Sources whose values fit the table that is there. */
export interface Settled<S extends Source = Source> {
  table: Table;
  rows: { source: S; cells: Cells }[];
  failed: Map<number, PackError>;
}

const MOST_ROUNDS = 4;

/**
 * Makes table and values meet: creates what is missing and tells which events do not fit. Existing columns are never
 * altered. Undefined where there is no table and `create` is false.
 */
export async function settle<S extends Source>(
  { engine, tables }: Settling,
  call: Call,
  sources: readonly S[],
  { name, key, create }: { name: string; key: readonly string[]; create: boolean },
): Promise<Settled<S> | undefined> {
  let table = await tables.current(call, name);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (!table && !create) return undefined;
    const { rows, failed } = fitAll(engine, table, sources);
    // The column may have been altered since it was looked at, by someone who read the message about it.
    if (failed.size > 0 && table && (await tables.refresh(call, name))) {
      table = await tables.current(call, name);
      continue;
    }
    const missing = missingColumns(rows, table);
    if (table && missing.length === 0) return { table, rows, failed };
    if (rows.length === 0) return { table: table ?? noTable(name), rows, failed };
    try {
      table = await tables.grow(call, name, missing, key);
    } catch (error) {
      if (!table || !isForbidden(error)) throw error;
      return withoutThese(missing, error, { table, rows, failed });
    }
  }
  throw new PackError(
    'WAREHOUSE_ERROR',
    `table ${shown(name)} keeps losing columns: does something else drop them?`,
  );
}

function isForbidden(error: unknown): error is PackError {
  return error instanceof PackError && error.details.forbidden === true;
}

/** Columns cannot be made: rows that need one are refused, the others are as they were. */
function withoutThese<S extends Source>(
  missing: readonly Column[],
  error: PackError,
  { table, rows, failed }: Settled<S>,
): Settled<S> {
  const isRefused = ({ cells }: { cells: Cells }) => missing.find(({ name }) => cells[name] !== undefined);
  for (const row of rows) {
    const column = isRefused(row)?.name;
    if (column !== undefined)
      failed.set(row.source.index, columnError(column, error.message, { cause: error }));
  }
  return { table, rows: rows.filter(row => !isRefused(row)), failed };
}

function noTable(name: string): Table {
  return { name, columns: new Map(), primaryKey: [] };
}

function fitAll<S extends Source>(
  engine: Engine,
  table: Table | undefined,
  sources: readonly S[],
): Omit<Settled<S>, 'table'> {
  const rows: Settled<S>['rows'] = [];
  const failed = new Map<number, PackError>();
  for (const source of sources) {
    try {
      rows.push({ source, cells: fitOne(engine, table, source) });
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      failed.set(source.index, error);
    }
  }
  return { rows, failed };
}

/** Columns that are not there yet keep their values as they are. The source's own cells, where all of them fit. */
function fitOne(engine: Engine, table: Table | undefined, source: Source): Cells {
  let cells = source.cells;
  for (const name in source.cells) {
    const value = source.cells[name];
    if (value === undefined) continue;
    const hint = source.types.get(name);
    const there = table?.columns.get(name);
    const column: Column = there ?? { name, kind: kindOf(value), sqlType: hint?.columnType };
    const fits = there ? fitted(column, value, hint?.castType !== undefined) : value;
    checkValue(engine, column, fits);
    if (fits === value) continue;
    if (cells === source.cells) cells = Object.assign(noCells<Cell>(), source.cells);
    cells[name] = fits;
  }
  return cells;
}

const KINDS_OF_VALUES: Partial<Record<string, string>> = {
  string: 'text',
  number: 'number that is none of these',
  bigint: 'number beyond these',
  boolean: 'true or false',
};

/** With a cast, what the value becomes is the warehouse's business. */
function fitted(column: Column, value: Cell, isCast: boolean): Cell {
  const fits = isCast ? String(value) : toKind(column.kind, value);
  if (fits !== undefined) return fits;
  const unsafe =
    column.kind === 'bigint' && typeof value === 'number' && Number.isInteger(value)
      ? '; a whole number above 2^53 is exact only as text, such as "9007199254740993"'
      : '';
  throw columnError(
    column.name,
    // Of the value it is said what it is, never what it says: messages go to logs.
    `column ${shown(column.name)} holds ${KIND_NAMES[column.kind]}, and a ${KINDS_OF_VALUES[typeof value]} does not fit${unsafe}`,
  );
}

function checkValue(engine: Engine, column: Column, value: Cell): void {
  const why =
    engine.refuse?.(column, value) ?? (typeof value === 'string' ? badText(engine, value) : undefined);
  if (why !== undefined) throw columnError(column.name, `column ${shown(column.name)} ${why}`);
}

function badText(engine: Engine, text: string): string | undefined {
  if (!text.isWellFormed())
    return 'holds half of a surrogate pair, which is no text: it cannot be stored unchanged';
  const { text: most } = engine.limits;
  // Of UTF-16 a character makes at most three bytes, so that most texts need not be counted.
  if (most === undefined || text.length * 3 <= most) return undefined;
  const bytes = Buffer.byteLength(text);
  return bytes > most ? `holds ${bytes} bytes of text and this warehouse allows ${most}` : undefined;
}

function missingColumns(rows: Settled['rows'], table: Table | undefined): Column[] {
  const values = new Map<string, Cell[]>();
  const asked = new Map<string, string>();
  for (const { source, cells } of rows) {
    for (const name in cells) {
      const value = cells[name];
      if (value === undefined || table?.columns.has(name)) continue;
      const others = values.get(name);
      if (others) others.push(value);
      else values.set(name, [value]);
      const hint = source.types.get(name);
      if (hint) asked.set(name, hint.columnType);
    }
  }
  return [...values].map(([name, all]) => ({ name, kind: joinKinds(all), sqlType: asked.get(name) }));
}

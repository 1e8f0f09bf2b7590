import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { Column, ColumnKind, Engine, Table } from '../engine.ts';
import { columnError, noCells, shown } from './cells.ts';
import type { Names } from './column-name.ts';
import { isJson } from './json.ts';
import type { Misfits } from './misfits.ts';
import {
  asideColumn,
  asideText,
  isKeptAside,
  isTimeForDay,
  mergedAside,
  UNMAPPED,
  widerKind,
} from './misfits.ts';
import type { Source } from './source-row.ts';
import type { Tables } from './tables.ts';
import type { Typing } from './typing.ts';
import { joinKinds, KIND_NAMES, KINDS_OF_VALUES, LOOSE, STRICT } from './typing.ts';

/** What a table is settled with. */
export interface Settling {
  engine: Engine;
  tables: Tables;
  misfits: Misfits;
  names: Names;
}

/** Sources whose values fit the table that is there. */
export interface Settled<S extends Source = Source> {
  table: Table;
  rows: { source: S; cells: Cells }[];
  failed: Map<number, PackError>;
}

const MAX_ROUNDS = 6;

/**
 * Makes table and values meet: creates what is missing, widens what the policy allows to be, puts values beside their rows
 * and tells which events do not fit. Undefined where there is no table and `create` is false. Without `create` nothing is
 * put beside rows: what would be is left out, as the event that said it has it there.
 */
export async function settle<S extends Source>(
  settling: Settling,
  call: Call,
  sources: readonly S[],
  { name, key, create }: { name: string; key: readonly string[]; create: boolean },
): Promise<Settled<S> | undefined> {
  const { tables } = settling;
  let table = await tables.current(call, name);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!table && !create) return undefined;
    const { rows, failed, wider } = fitAll({ ...settling, table, name, key, create }, sources);
    // The column may have been altered since it was looked at, by someone who read the message about it.
    if (failed.size + wider.size > 0 && table && (await tables.refresh(call, name))) {
      table = await tables.current(call, name);
      continue;
    }
    if (wider.size > 0) {
      table = await tables.widen(call, name, wider);
      continue;
    }
    const missing = missingColumns(rows, table, { key, jsonType: settling.engine.jsonType });
    if (table && missing.length === 0) return { table, rows, failed };
    if (rows.length === 0) return { table: table ?? noTable(name), rows, failed };
    try {
      table = await tables.grow(call, name, missing, key);
    } catch (error) {
      if (!table || !isForbidden(error)) throw error;
      // The right may be given by the time the events come again: then columns that could not be widened are tried once more.
      tables.forget(name);
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

/** Where values have to fit, and what may be done about those that do not. */
interface Fitting extends Settling {
  table: Table | undefined;
  name: string;
  key: readonly string[];
  create: boolean;
}

function fitAll<S extends Source>(
  fitting: Fitting,
  sources: readonly S[],
): Omit<Settled<S>, 'table'> & { wider: Map<string, ColumnKind> } {
  const rows: Settled<S>['rows'] = [];
  const failed = new Map<number, PackError>();
  const wider = new Map<string, ColumnKind>();
  for (const source of sources) {
    try {
      rows.push({ source, cells: fitOne(fitting, source, wider) });
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      failed.set(source.index, error);
    }
  }
  return { rows, failed, wider };
}

/** Columns that are not there yet keep their values as they are. The source's own cells, where all of them fit. */
function fitOne(fitting: Fitting, source: Source, wider: Map<string, ColumnKind>): Cells {
  let cells = source.cells;
  const aside: [string, Cell][] = [];
  for (const name in source.cells) {
    const value = source.cells[name];
    if (value === undefined) continue;
    const fits = fitOrAside(fitting, source, { name, value, wider });
    if (fits === value) continue;
    if (cells === source.cells) cells = Object.assign(noCells<Cell>(), source.cells);
    if (fits !== undefined) cells[name] = fits;
    else {
      delete cells[name];
      aside.push([name, value]);
    }
  }
  if (aside.length === 0 || !fitting.create) return cells;
  const text = asideText(aside);
  const before = cells[UNMAPPED];
  cells[UNMAPPED] = before === undefined ? text : mergedAside(before, text);
  return cells;
}

/** The value as its column takes it; undefined: it goes beside the row. */
function fitOrAside(
  fitting: Fitting,
  source: Source,
  { name, value, wider }: { name: string; value: Cell; wider: Map<string, ColumnKind> },
): Cell | undefined {
  if (source.aside?.has(name) && canGoAside(fitting, name)) return undefined;
  try {
    return fitCell(fitting, source, name, value);
  } catch (error) {
    const there = fitting.table?.columns.get(name);
    const kind = there && !fitting.key.includes(name) ? widerFor(fitting, there, value) : undefined;
    if (kind !== undefined) {
      const before = wider.get(name);
      wider.set(name, before === undefined || before === kind ? kind : joined(before, kind));
      return value;
    }
    if (canGoAside(fitting, name)) return undefined;
    throw error;
  }
}

function canGoAside({ key, misfits }: Fitting, name: string): boolean {
  return !key.includes(name) && name !== UNMAPPED && isKeptAside(misfits, name);
}

function widerFor({ tables, misfits, name }: Fitting, column: Column, value: Cell): ColumnKind | undefined {
  const kind = widerKind(misfits, column, value);
  return kind !== undefined && tables.canWiden(name, column.name, kind) ? kind : undefined;
}

function joined(one: ColumnKind, other: ColumnKind): ColumnKind {
  return one === 'text' || other === 'text' ? 'text' : 'double';
}

/** Whether a value can be written into a column that is there, just as it is. */
export function isFitting(fitting: Omit<Fitting, 'name' | 'create'>, column: string, value: Cell): boolean {
  try {
    return fitCell(fitting, NO_TYPES, column, value) === value;
  } catch (error) {
    if (error instanceof PackError) return false;
    throw error;
  }
}

const NO_TYPES: Pick<Source, 'types'> = { types: new Map() };

function fitCell(
  { engine, table, key, misfits }: Omit<Fitting, 'name' | 'create'>,
  source: Pick<Source, 'types'>,
  name: string,
  value: Cell,
): Cell {
  const typing = typingOf(key, name);
  const hint = source.types.get(name);
  const there = table?.columns.get(name);
  if (!there) {
    const kind = typing.kind(value);
    checkValue(engine, { name, kind, sqlType: hint?.columnType }, typing.convert(kind, value) ?? value);
    return value;
  }
  const given = there.kind === 'other' ? ownType({ engine, misfits }, there, value) : value;
  const fits = fitted(there, given, { isCast: hint?.castType !== undefined, typing });
  checkValue(engine, there, fits);
  if (isTimeForDay(there, value) && isKeptAside(misfits, name))
    throw columnError(name, `column ${shown(name)} holds days, and a time does not fit`);
  return fits;
}

/** A list for a list column; a text for a column of JSON, which takes none that is not JSON. */
function ownType(
  { engine, misfits }: Pick<Settling, 'engine' | 'misfits'>,
  column: Column,
  value: Cell,
): Cell {
  if (column.json && typeof value === 'string' && isKeptAside(misfits, column.name) && !isJson(value))
    return JSON.stringify(value);
  return engine.adapt?.(column, value) ?? value;
}

function typingOf(key: readonly string[], column: string): Typing {
  return key.includes(column) ? STRICT : LOOSE;
}

/** With a cast, what the value becomes is the warehouse's business. */
function fitted(column: Column, value: Cell, { isCast, typing }: { isCast: boolean; typing: Typing }): Cell {
  const fits = isCast ? String(value) : typing.convert(column.kind, value);
  if (fits !== undefined) return fits;
  const unsafe =
    column.kind === 'bigint' && typeof value === 'number' && Number.isInteger(value)
      ? '; a whole number above 2^53 has to be written with all its digits, such as 9007199254740993'
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

function missingColumns(
  rows: Settled['rows'],
  table: Table | undefined,
  { key, jsonType }: { key: readonly string[]; jsonType: string | undefined },
): Column[] {
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
  return [...values].map(
    ([name, all]) =>
      (name === UNMAPPED ? asideColumn(table, jsonType) : undefined) ?? {
        name,
        kind: joinKinds(all, typingOf(key, name)),
        sqlType: asked.get(name),
      },
  );
}

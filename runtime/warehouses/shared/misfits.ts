import type { Cell } from '../../core/destinations.ts';
import type { Column, ColumnKind, Table } from '../engine.ts';
import { cellsOf } from './cells.ts';
import { exactJson } from './json.ts';
import { timeOf } from './timestamp.ts';
import { toKind } from './typing.ts';

/**
 * What is done with a value that does not fit its column. `auto`: the column is widened within numbers and times, any
 * other value is kept beside its row; `widen`: to text as well; `keep_aside`: no column is altered; `refuse`: the event is.
 */
export type MisfitPolicy = 'auto' | 'widen' | 'keep_aside' | 'refuse';

/** What a destination does with values that do not fit their columns. */
export interface Misfits {
  policy: MisfitPolicy;
  /** For single columns, by name. */
  byColumn: ReadonlyMap<string, MisfitPolicy>;
}

/** As it is where nothing is said of it to the loader. */
export const REFUSE: Misfits = { policy: 'refuse', byColumn: new Map() };

/** Column of the values that did not fit theirs: a JSON object by the names of the columns. */
export const UNMAPPED = '_unmapped';

/** The policy for one column. */
export function policyOf({ policy, byColumn }: Misfits, column: string): MisfitPolicy {
  return byColumn.get(column) ?? policy;
}

/** Whether a value that does not fit may be kept beside the others of its row. */
export function isKeptAside(misfits: Misfits, column: string): boolean {
  return policyOf(misfits, column) !== 'refuse';
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const DAY = /^(Nullable\()?date(32)?\)?$/i;

/**
 * The kind that a column is to be made so that it takes the value; undefined: the policy allows none, or there is none.
 * `auto` widens whole numbers to larger ones and to doubles, and days to times; `widen` anything else to text.
 */
export function widerKind(misfits: Misfits, column: Column, value: Cell): ColumnKind | undefined {
  const policy = policyOf(misfits, column.name);
  if (policy !== 'auto' && policy !== 'widen') return undefined;
  if (isTimeForDay(column, value)) return 'timestamp';
  const within = withinNumbers(column, value);
  if (within) return within;
  return policy === 'widen' && column.kind !== 'text' && column.kind !== 'other' ? 'text' : undefined;
}

function withinNumbers({ kind }: Column, value: Cell): ColumnKind | undefined {
  if (kind !== 'bigint' && kind !== 'double') return undefined;
  const number = typeof value === 'string' ? numberIn(value) : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return undefined;
  const isWhole = typeof number === 'bigint' || Number.isSafeInteger(number);
  if (kind === 'bigint' && isWhole && BigInt(number) >= MIN && BigInt(number) <= MAX) return 'bigint';
  // What a double would change is kept beside the row.
  return toKind('double', number) === undefined ? undefined : 'double';
}

/** The number that a text is, where it is written just as the number would be. */
function numberIn(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : undefined;
}

/** Whether a column holds days, and the time is more than one: the warehouse would cut it without a word. */
export function isTimeForDay({ kind, sqlType = '' }: Column, value: Cell): boolean {
  if (kind !== 'other' || !DAY.test(sqlType)) return false;
  const time = timeOf(value);
  return time !== undefined && !time.endsWith('T00:00:00Z');
}

/** The text of the column {@link UNMAPPED}. A text that JSON of warehouses cannot hold is kept as its JSON text. */
export function asideText(values: Iterable<readonly [string, Cell]>): string {
  const entries = [...values].map(([name, value]) => [name, storable(value)] as const);
  return exactJson(cellsOf(entries));
}

/** Values beside a row, of two events of one row: the later one's count. */
export function mergedAside(before: Cell, later: Cell): Cell {
  const [one, two] = [objectIn(before), objectIn(later)];
  return one && two ? exactJson({ ...one, ...two }) : later;
}

function objectIn(value: Cell): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(String(value), keepExact);
    return typeof found === 'object' && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function keepExact(_key: string, value: unknown, context?: { source: string }): unknown {
  const isLarge = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isLarge && context && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

function storable(value: Cell): Cell {
  if (typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))) return value;
  return JSON.stringify(value);
}

/** The column to make for values beside their rows. */
export function asideColumn(table: Table | undefined, sqlType: string | undefined): Column | undefined {
  return table?.columns.has(UNMAPPED) ? undefined : { name: UNMAPPED, kind: 'other', sqlType };
}

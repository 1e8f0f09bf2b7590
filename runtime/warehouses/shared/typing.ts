import type { Cell } from '../../core/destinations.ts';
import type { ColumnKind } from '../engine.ts';
import { canonicalTimestamp, timeOf } from './timestamp.ts';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/** Up to it a double holds every whole number. */
export const MAX_EXACT = 2 ** 53;

/**
 * The kind of column a value asks for. A number is a double where it is not whole, or was written as no whole number (1e17):
 * whole ones that JavaScript does not tell from their neighbours (above 2^53) come as bigint.
 */
export function kindOf(value: Cell): ColumnKind {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return isBigint(value) ? 'bigint' : 'text';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'bigint' : 'double';
  return canonicalTimestamp(value) === undefined ? 'text' : 'timestamp';
}

/** The kind of a column outside of the primary key: a time that is finer than columns keep is one as well. */
export function looseKindOf(value: Cell): ColumnKind {
  return typeof value === 'string' && isInstant(value) ? 'timestamp' : kindOf(value);
}

/**
 * The kind of a new column that several values ask for: numbers join to double, days and times to times, anything else to
 * text. `kind` and `convert` say what one value asks for and becomes.
 */
export function joinKinds(values: Iterable<Cell>, { kind: kindFor, convert }: Typing = STRICT): ColumnKind {
  let joined: ColumnKind | undefined;
  const seen: Cell[] = [];
  let areNumbers = true;
  for (const value of values) {
    const kind = kindFor(value);
    seen.push(value);
    areNumbers &&= typeof value === 'number' || typeof value === 'bigint';
    if (joined === undefined || joined === kind) joined = kind;
    else if (areNumbers) joined = 'double';
    else joined = isTime(joined) && isTime(kind) ? 'timestamp' : 'text';
  }
  const kind = joined ?? 'text';
  const areFit = seen.every(value => typeof value !== 'number' || kind !== 'timestamp');
  return areFit && seen.every(value => convert(kind, value) !== undefined) ? kind : 'text';
}

/** How values are typed: those of primary keys strictly, so that two keys never become one. */
export interface Typing {
  kind(value: Cell): ColumnKind;
  convert(kind: ColumnKind, value: Cell): Cell | undefined;
}

/** For primary keys, and wherever a value must not be changed at all. */
export const STRICT: Typing = {
  kind: kindOf,
  convert: (kind, value) => {
    const cell = toKind(kind, value);
    // 2^63 and 9223372036854776000 are one double.
    return typeof value === 'bigint' && String(cell) !== String(value) ? undefined : cell;
  },
};

/** For all other columns: times as they are commonly written become the instant that they mean. */
export const LOOSE: Typing = {
  kind: looseKindOf,
  convert: (kind, value) => (kind === 'timestamp' ? timeOf(value) : toKind(kind, value)),
};

/** Days are text by themselves. */
function isTime(kind: ColumnKind): boolean {
  return kind === 'timestamp' || kind === 'text';
}

function isInstant(text: string): boolean {
  return /[Zz]|[+-]\d\d:\d\d$/.test(text.slice(-6)) && text.length >= 20 && timeOf(text) !== undefined;
}

/**
 * The value as a column of this kind stores it, or undefined where it would have to be changed to fit. Text fits where
 * it is written exactly as the column's value would be (`"42"` in a bigint column), anything fits text.
 */
export function toKind(kind: ColumnKind, value: Cell): Cell | undefined {
  switch (kind) {
    case 'text':
    case 'other':
      return String(value);
    case 'boolean':
      return value === true || value === 'true'
        ? true
        : value === false || value === 'false'
          ? false
          : undefined;
    case 'bigint':
      return asBigint(value);
    case 'double':
      return asDouble(value);
    case 'timestamp':
      return typeof value === 'string' ? canonicalTimestamp(value) : undefined;
  }
}

/** What a kind is called in a message. */
export const KIND_NAMES: Record<ColumnKind, string> = {
  text: 'text',
  bigint: 'whole numbers (64 bits)',
  double: 'numbers (double precision)',
  boolean: 'true or false',
  timestamp: 'times (RFC 3339, to the microsecond)',
  other: 'another type',
};

/** What a value that does not fit is called in a message, by its `typeof`. */
export const KINDS_OF_VALUES: Partial<Record<string, string>> = {
  string: 'text',
  number: 'number that is none of these',
  bigint: 'number beyond these',
  boolean: 'true or false',
};

/** Reads what a warehouse writes of a whole number: a number where that is exact, else a bigint. */
export function wholeNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function asBigint(value: Cell): number | bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : undefined;
  if (typeof value === 'bigint') return isBigint(value) ? narrow(value) : undefined;
  if (typeof value === 'boolean' || !/^(0|-?[1-9]\d{0,18})$/.test(value)) return undefined;
  const whole = BigInt(value);
  return isBigint(whole) ? narrow(whole) : undefined;
}

function asDouble(value: Cell): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) return undefined;
  // Written with the same digits: it may well have been a double where the event was made.
  if (String(number) === String(value)) return number;
  return typeof value === 'bigint' && BigInt(number) === value ? number : undefined;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isBigint(value: bigint): boolean {
  return value >= MIN && value <= MAX;
}

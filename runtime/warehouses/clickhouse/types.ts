import type { Cell } from '../../core/destinations.ts';
import type { Column, ColumnKind } from '../engine.ts';
import { canonicalTimestamp } from '../shared/timestamp.ts';
import { wholeNumber } from '../shared/typing.ts';

/** A column as ClickHouse has it. */
export interface ClickhouseColumn extends Column {
  /** Its type without Nullable and LowCardinality. */
  inner: string;
  nullable: boolean;
  inPartitionKey: boolean;
  /** Why an event cannot set it; undefined: it can. */
  readOnly?: string | undefined;
  /** What a row without a value is given, as JSON text, where the server itself would store what it cannot read. */
  absent?: string | undefined;
}

const NEW_TYPES: Record<ColumnKind, string> = {
  text: 'String',
  bigint: 'Int64',
  double: 'Float64',
  boolean: 'Bool',
  timestamp: "DateTime64(6, 'UTC')",
  other: 'String',
};
/** Of these there is no Nullable, or it is there already. */
const NEVER_NULLABLE = /^(Nullable|LowCardinality|Array|Map|Tuple|Nested|Variant|Dynamic|JSON)\b/i;
const NESTED = /^(Array|Map|Tuple)\b/;
const SECOND_US = 1_000_000n;

/** JSON itself cannot be copied from one version of a row to the next unchanged; its text can. */
const JSON_TYPE = /^(Nullable\()?(JSON|Object)\b/i;
/** Nor can these be, wherever they stand in a type. */
const OPAQUE = /AggregateFunction|\b(JSON|Object|Dynamic|Variant)\b/i;

/** Whether a column of this type would keep kvflow from writing rows of its table. */
export function isOpaque(type: string): boolean {
  return OPAQUE.test(type);
}

/** The type a new column gets. */
export function newType(column: Column, isKey: boolean): string {
  const asked = column.sqlType ?? NEW_TYPES[column.kind];
  const type = JSON_TYPE.test(asked) ? 'String' : asked;
  return isKey || NEVER_NULLABLE.test(type) ? type : `Nullable(${type})`;
}

/** A type without Nullable and LowCardinality. */
export function innerType(type: string): string {
  const inside = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type)?.[1];
  return inside === undefined ? type : innerType(inside);
}

/** The kind of a column by its inner type. */
export function kindOfType(inner: string): ColumnKind {
  if (inner === 'String' || inner.startsWith('FixedString')) return 'text';
  if (/^U?Int(8|16|32|64)$/.test(inner)) return 'bigint';
  if (/^Float(32|64)$/.test(inner)) return 'double';
  if (inner === 'Bool') return 'boolean';
  return inner.startsWith('DateTime') ? 'timestamp' : 'other';
}

/**
 * An Enum's own default, its least value: for a null the server would store 0, which need not be one of the Enum's, and whoever
 * reads the table then fails. Undefined: the type has no names.
 */
export function leastOfEnum(inner: string): string | undefined {
  if (!/^Enum(8|16)?\(/.test(inner)) return undefined;
  const names = [...inner.matchAll(/'((?:[^'\\]|\\.)*)' = (-?\d+)/g)];
  const [least] = names.sort((a, b) => Number(a[2]) - Number(b[2]));
  return least?.[1]?.replace(/\\(.)/g, '$1');
}

/** A value as JSON text for an insert. 64-bit numbers are quoted, which ClickHouse reads exactly. */
export function toJson(column: ClickhouseColumn, value: Cell | null): string {
  if (value === null) return column.absent ?? 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '"-0"' : `"${value}"`;
  if (typeof value === 'bigint') return `"${value}"`;
  return NESTED.test(column.inner) && isJson(value) ? value : JSON.stringify(value);
}

/** A value as it was read in JSON. */
export function fromJson(column: ClickhouseColumn, value: unknown): Cell | null {
  if (value === null || value === undefined) return null;
  switch (column.kind) {
    case 'bigint':
      return wholeNumber(String(value));
    case 'double':
      return Number(value);
    case 'boolean':
      return value === true;
    case 'timestamp':
      return canonicalTimestamp(String(value)) ?? String(value);
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

/** Whether the column says nothing of the row: NULL, or the default of a type that has no NULL. */
export function isEmptyValue(column: ClickhouseColumn, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return !column.nullable && (value === '' || value === 0 || value === '0');
}

/** Why the column would change the value, or take it for another, without a word. */
export function refuseClickhouse(column: Column, value: Cell): string | undefined {
  if ('readOnly' in column && typeof column.readOnly === 'string') return column.readOnly;
  const inner = innerType(column.sqlType ?? '');
  if (column.kind === 'bigint') return outOfRange(inner, value);
  if (typeof value === 'number' && inner === 'Float32' && Math.fround(value) !== value) {
    return 'holds a number that Float32 would round: make the column Float64';
  }
  if (typeof value !== 'string') return undefined;
  const fixed = /^FixedString\((\d+)\)$/.exec(inner)?.[1];
  if (fixed !== undefined && Buffer.byteLength(value) !== Number(fixed)) {
    return `must hold ${fixed} bytes, as it is a ${inner}`;
  }
  if (column.kind === 'timestamp') return badTime(inner, value);
  if (/^Date(32)?$/.test(inner)) return badDay(inner, value);
  return badDecimal(inner, value);
}

function outOfRange(inner: string, value: Cell): string | undefined {
  const [, unsigned, bits] = /^(U?)Int(\d+)$/.exec(inner) ?? [];
  if (bits === undefined || typeof value === 'boolean') return undefined;
  const [whole, size] = [BigInt(value), BigInt(bits)];
  const [least, most] = unsigned ? [0n, 2n ** size - 1n] : [-(2n ** (size - 1n)), 2n ** (size - 1n) - 1n];
  return whole >= least && whole <= most ? undefined : `holds a number out of the range of ${inner}`;
}

/** DateTime64 counts from 1900 to 2299, DateTime from 1970 to 2106; beyond, both wrap around. */
function badTime(inner: string, value: string): string | undefined {
  const plain = /^DateTime(?!64)/.test(inner);
  const digits = plain ? 0 : Number(/^DateTime64\((\d)/.exec(inner)?.[1] ?? 6);
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  if (fraction.length > digits) return `is finer than ${inner} keeps`;
  const seconds = BigInt(Date.parse(value.replace(/\.\d+/, ''))) / 1_000n;
  // A column finer than microseconds holds less of time.
  const isNear = digits <= 6 || (seconds < 9_200_000_000n && seconds > -9_200_000_000n);
  const year = Number(value.slice(0, 4));
  const fits = plain ? seconds >= 0n && seconds < 2n ** 32n : year >= 1900 && year <= 2299 && isNear;
  return fits && seconds < SECOND_US * SECOND_US
    ? undefined
    : `is a time out of the range of ${inner || 'DateTime64(6)'}`;
}

function badDay(inner: string, value: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return `must hold a day such as 2026-01-31, as it is a ${inner}`;
  const [first, last] = inner === 'Date' ? ['1970-01-01', '2149-06-06'] : ['1900-01-01', '2299-12-31'];
  const isDay = canonicalTimestamp(`${value}T00:00:00Z`) !== undefined;
  return isDay && value >= first && value <= last ? undefined : `is a day out of the range of ${inner}`;
}

function badDecimal(inner: string, value: string): string | undefined {
  const scale = /^Decimal\((\d+), (\d+)\)$/.exec(inner)?.[2];
  const digits = /\.(\d*?)0*$/.exec(value)?.[1]?.length ?? 0;
  return scale !== undefined && digits > Number(scale)
    ? `has more than ${scale} digits after the point`
    : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

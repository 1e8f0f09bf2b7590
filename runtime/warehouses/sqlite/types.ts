import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Cell } from '../../core/destinations.ts';
import type { Column, ColumnKind } from '../engine.ts';
import { canonicalTimestamp } from '../shared/timestamp.ts';
import { wholeNumber } from '../shared/typing.ts';

/** A name as a statement has it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What columns are made as. SQLite keeps the word, and by it kvflow knows what the column holds. */
const TYPES: Record<ColumnKind, string> = {
  text: 'TEXT',
  bigint: 'INTEGER',
  double: 'REAL',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  other: 'TEXT',
};

/** The type to make a column as. */
export function typeOf({ sqlType, kind }: Column): string {
  return sqlType ?? TYPES[kind];
}

/** The same for a STRICT table, which knows few words. */
export function strictTypeOf({ sqlType, kind }: Column): string {
  if (/^(INT|INTEGER|REAL|TEXT|BLOB|ANY)$/i.test(sqlType ?? '')) return sqlType ?? '';
  if (sqlType !== undefined) return 'TEXT';
  return kind === 'bigint' || kind === 'boolean' ? 'INTEGER' : kind === 'double' ? 'REAL' : 'TEXT';
}

/** The kind of a column by the word it was made with: SQLite's own rules of affinity, and words for more. */
export function kindOfType(declared: string): ColumnKind {
  const type = declared.toUpperCase();
  if (type.includes('INT')) return 'bigint';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text';
  if (/REAL|FLOA|DOUB/.test(type)) return 'double';
  if (type.startsWith('BOOL')) return 'boolean';
  return /^(TIMESTAMP|DATETIME)/.test(type) ? 'timestamp' : 'other';
}

/** A value as it is bound. Times are text that sorts as they do. */
export function toSqlite(kind: ColumnKind, value: Cell | null): SQLInputValue {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (kind === 'bigint') return BigInt(value);
  return kind === 'double' ? Number(value) : String(value);
}

/** A value as it was read, with whole numbers as bigint. */
export function fromSqlite(kind: ColumnKind, value: SQLOutputValue | undefined): Cell | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  switch (kind) {
    case 'boolean':
      return value === 1n || value === 0n ? value === 1n : String(value);
    case 'bigint':
      return typeof value === 'bigint' ? wholeNumber(String(value)) : value;
    case 'double':
      return Number(value);
    case 'timestamp':
      return canonicalTimestamp(String(value)) ?? String(value);
    default:
      return String(value);
  }
}

const WORDS =
  /^(tiny|small|medium|big)?int(eger)?\b|^(text|clob|n?varchar|n?char|character|real|float|double|numeric|decimal|bool(ean)?|date|time|datetime|timestamp|jsonb?|uuid)\b/i;

/** Why the column cannot hold the value as it is: SQLite itself takes anything. Undefined: it can. */
export function refuseSqlite(column: Column, value: Cell): string | undefined {
  const type = column.sqlType ?? '';
  if (type !== '' && !WORDS.test(type)) return `is of a type that is not known here: ${type.slice(0, 40)}`;
  if (typeof value === 'string' && value.includes('\0')) return 'holds a NUL character';
  if (/^date$/i.test(type)) return isDay(value) ? undefined : 'holds days such as 2026-01-31';
  if (/^(numeric|decimal)\b/i.test(type)) return badDecimal(type, value);
  return undefined;
}

function isDay(value: Cell): boolean {
  return canonicalTimestamp(`${value}T00:00:00Z`) !== undefined;
}

function badDecimal(type: string, value: Cell): string | undefined {
  const [, whole, , fraction = ''] = /^-?(\d+)(\.(\d*?)0*)?$/.exec(String(value)) ?? [];
  if (whole === undefined) return 'holds decimal numbers';
  const [, precision, scale = '0'] = /\((\d+)(?:,\s*(\d+))?\)/.exec(type) ?? [];
  if (precision === undefined) return undefined;
  if (fraction.length > Number(scale)) return `has at most ${scale} digits after the point`;
  return whole.length > Number(precision) - Number(scale) ? `has at most ${precision} digits` : undefined;
}

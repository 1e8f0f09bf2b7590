import type { Cell } from '../../core/destinations.ts';
import type { Column, ColumnKind } from '../engine.ts';
import { canonicalTimestamp } from '../shared/timestamp.ts';
import { wholeNumber } from '../shared/typing.ts';

/** A name as a statement has it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What columns are made as. */
export const COLUMN_TYPES: Record<Exclude<ColumnKind, 'other'>, string> = {
  text: 'text',
  bigint: 'bigint',
  double: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
};

/** The type to make a column as. */
export function typeOf(column: Column): string {
  return column.sqlType ?? COLUMN_TYPES[column.kind === 'other' ? 'text' : column.kind];
}

const KINDS: Record<string, ColumnKind> = {
  text: 'text',
  'character varying': 'text',
  bigint: 'bigint',
  integer: 'bigint',
  smallint: 'bigint',
  'double precision': 'double',
  real: 'double',
  boolean: 'boolean',
  'timestamp with time zone': 'timestamp',
  'timestamp without time zone': 'timestamp',
};

/** The kind of a column of a type as the catalog names it. */
export function kindOfType(sqlType: string): ColumnKind {
  return KINDS[baseOf(sqlType)] ?? 'other';
}

/** A type without its length, so that a cast to it never cuts; the column itself then refuses what is too long. */
export function baseOf(sqlType: string): string {
  if (sqlType.includes('"')) return sqlType;
  const base = sqlType.replace(/\([^)]*\)/g, '');
  if (/^character(\[\])*$/.test(base)) return base.replace('character', 'bpchar');
  return /^bit(\[\])*$/.test(base) ? base.replace('bit', 'bit varying') : base;
}

/** Type of the array that a column's values are sent as. */
export function arrayType(column: Column): string {
  if (column.castType !== undefined || column.kind === 'other') return 'text[]';
  return `${COLUMN_TYPES[column.kind]}[]`;
}

/** A value that came in such an array, as the column takes it. */
export function intoColumn(column: Column, value: string): string {
  if (column.castType !== undefined) return `${value}::${column.castType}`;
  const base = baseOf(typeOf(column));
  if (base === 'timestamp without time zone') return `(${value} AT TIME ZONE 'UTC')`;
  return column.kind !== 'other' && COLUMN_TYPES[column.kind] === base ? value : `${value}::${base}`;
}

/** A column's value as text. Times without a zone are taken for UTC. */
export function asText(column: Column, value: string): string {
  if (column.kind !== 'timestamp') return `${value}::text`;
  const utc =
    baseOf(typeOf(column)) === 'timestamp without time zone' ? value : `(${value} AT TIME ZONE 'UTC')`;
  return `to_char(${utc}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** Whether two values of a column are the same; not every type (json) can be compared itself. */
export function equals(column: Column, a: string, b: string): string {
  return column.kind === 'other' ? `${a}::text = ${b}::text` : `${a} = ${b}`;
}

/** Reads what {@link asText} wrote. */
export function fromText(column: Column, text: string | null): Cell | null {
  if (text === null) return null;
  switch (column.kind) {
    case 'bigint':
      return wholeNumber(text);
    case 'double':
      return Number(text);
    case 'boolean':
      return text === 'true' || text === 't';
    case 'timestamp':
      return canonicalTimestamp(text) ?? text;
    default:
      return text;
  }
}

/** Values as one bind: an array as the server reads it. */
export function arrayLiteral(values: readonly (Cell | null)[]): string {
  // Nearly always plain texts: looking through all of them at once is several times as fast as through each.
  const areTexts = values.length > 0 && values.every(value => typeof value === 'string');
  if (areTexts && !/["\\]/.test(values.join(''))) return `{"${values.join('","')}"}`;
  const parts = values.map(value => {
    if (value === null) return 'NULL';
    return typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : String(value);
  });
  return `{${parts.join(',')}}`;
}

/** `unnest` of one array per column, as `given` with columns c0, c1 and so on; binds start at `first`. */
export function unnest(columns: readonly Column[], first = 1): string {
  return `unnest(${columns.map((column, at) => `$${at + first}::${arrayType(column)}`).join(', ')})`;
}

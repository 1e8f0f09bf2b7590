/** Kinds of columns and Snowflake's types: what is made, what is found, how values go in and come out. */
import type { Cell } from '../../core/destinations.ts';
import type { Column, ColumnKind } from '../engine.ts';
import { canonicalTimestamp } from '../shared/timestamp.ts';
import { wholeNumber } from '../shared/typing.ts';

const TYPES: Record<ColumnKind, string> = {
  text: 'TEXT',
  bigint: 'NUMBER(38,0)',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP_TZ(6)',
  other: 'TEXT',
};
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.FF6"Z"'`;

/** The type to make a column with. */
export function typeOf({ sqlType, kind }: Column): string {
  return sqlType ?? TYPES[kind];
}

/** What kind of column a type of Snowflake is, as DESCRIBE TABLE writes it. */
export function kindOfType(type: string): ColumnKind {
  const { base, scale } = partsOf(type);
  if (/^(VARCHAR|TEXT|STRING|CHAR|CHARACTER|NVARCHAR)$/.test(base)) return 'text';
  if (/^(FLOAT|DOUBLE|REAL)/.test(base)) return 'double';
  if (base === 'BOOLEAN') return 'boolean';
  if (base === 'NUMBER') return scale === 0 ? 'bigint' : 'other';
  return /^TIMESTAMP_(TZ|NTZ|LTZ)$/.test(base) ? 'timestamp' : 'other';
}

/** The expression that makes a column's value of a text. */
export function castSql(column: Column, text: string): string {
  if (column.castType) return `CAST(CAST(${text} AS ${column.castType}) AS ${typeOf(column)})`;
  if (column.kind === 'bigint') return `TO_NUMBER(${text}, 38, 0)`;
  if (column.kind === 'double') return `TO_DOUBLE(${text})`;
  if (column.kind === 'boolean') return `TO_BOOLEAN(${text})`;
  if (column.kind === 'timestamp') return `TO_${baseOf(column)}(${text})`;
  return column.kind === 'text' ? text : castOther(baseOf(column), typeOf(column), text);
}

/** Text that is JSON becomes what it says; other text stays text, which a VARIANT holds as well. */
function castOther(base: string, type: string, text: string): string {
  if (base === 'VARIANT') return `COALESCE(TRY_PARSE_JSON(${text}), TO_VARIANT(${text}))`;
  if (base === 'OBJECT' || base === 'ARRAY') return `TO_${base}(PARSE_JSON(${text}))`;
  return `CAST(${text} AS ${type})`;
}

/** The text that {@link castSql} takes. Times are in UTC already, which a column without zone keeps as it is. */
export function encode(column: Column, value: Cell | null): string | null {
  if (value === null) return null;
  if (column.kind !== 'timestamp' || typeof value !== 'string') return String(value);
  return baseOf(column) === 'TIMESTAMP_NTZ' ? value.replace(/Z$/, '') : value.replace(/Z$/, '+00:00');
}

/** The expression that reads a column so that nothing of its value is lost on the way. */
export function readSql(column: Column, expression: string): string {
  if (column.kind === 'bigint' || column.kind === 'other') return `TO_VARCHAR(${expression})`;
  if (column.kind !== 'timestamp') return expression;
  const utc = baseOf(column) === 'TIMESTAMP_NTZ' ? expression : `CONVERT_TIMEZONE('UTC', ${expression})`;
  return `TO_VARCHAR(${utc}, ${ISO})`;
}

/** What {@link readSql} gave, as a cell. */
export function decode({ kind }: Column, value: unknown): Cell | null {
  if (value === null || value === undefined) return null;
  if (kind === 'bigint') return wholeNumber(String(value));
  if (kind === 'timestamp') return canonicalTimestamp(String(value)) ?? String(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

/** Why a column cannot hold a value as it is; undefined: it can. */
export function refusal(column: Column, value: Cell): string | undefined {
  if (typeof value === 'string' && value.includes('\0')) return 'holds a NUL character';
  if (column.kind !== 'timestamp' || typeof value !== 'string' || !column.sqlType) return undefined;
  const { scale } = partsOf(column.sqlType);
  const digits = /\.(\d+)/.exec(value)?.[1]?.length ?? 0;
  if (scale === undefined || digits <= scale) return undefined;
  return `has ${digits} digits after the second and ${column.sqlType} keeps ${scale}`;
}

function baseOf(column: Column): string {
  return partsOf(typeOf(column)).base;
}

function partsOf(type: string): { base: string; scale: number | undefined } {
  const match = /^\s*([A-Za-z_ ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/.exec(type);
  const [, base = type, first, second] = match ?? [];
  const upper = base.trim().toUpperCase();
  const scale = upper.startsWith('TIMESTAMP') ? first : (second ?? (upper === 'NUMBER' ? '0' : undefined));
  return { base: upper, scale: scale === undefined ? undefined : Number(scale) };
}

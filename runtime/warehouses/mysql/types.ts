import { exactNumber } from '../../../contract/exact-number.ts';
import type { Cell } from '../../core/destinations.ts';
import type { Column, ColumnKind } from '../engine.ts';
import { canonicalTimestamp } from '../shared/timestamp.ts';
import { wholeNumber } from '../shared/typing.ts';

const MIN_IN_JSON = -(2n ** 63n);
const MAX_IN_JSON = 2n ** 64n - 1n;

/** A column as MySQL has it. */
export interface MysqlColumn extends Column {
  /** Undefined where it is not text. */
  collation?: string;
  charset?: string;
}

/**
 * The comment of a column of booleans while it is made text: until that is done, whoever was killed in the middle of it, it holds
 * 0 and 1 for what no text says, and is of the kind that it was.
 */
export const FLAGS_MARK = 'kvflow: 0 is false, 1 is true';

/** The kind of a column by `DATA_TYPE` and `COLUMN_TYPE` of information_schema. */
export function kindOfType(dataType: string, columnType: string): ColumnKind {
  if (/^tinyint\(1\)/.test(columnType)) return 'boolean';
  return KINDS[dataType] ?? 'other';
}

const KINDS: Record<string, ColumnKind> = {
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  tinyint: 'bigint',
  smallint: 'bigint',
  mediumint: 'bigint',
  int: 'bigint',
  bigint: 'bigint',
  float: 'double',
  double: 'double',
  datetime: 'timestamp',
  timestamp: 'timestamp',
};

/** The type a new column gets. TEXT would hold 64 KB at most. */
export function typeOfKind(kind: ColumnKind): string {
  return {
    text: 'LONGTEXT',
    bigint: 'BIGINT',
    double: 'DOUBLE',
    boolean: 'TINYINT(1)',
    timestamp: 'DATETIME(6)',
    other: 'LONGTEXT',
  }[kind];
}

/** Bytes that InnoDB allows in a primary key. */
const KEY_BYTES = 3072;
const BYTES_PER_CHARACTER = 4;
const MAX_KEY_CHARACTERS = 255;
const OTHER_BYTES = 16;

/** Characters that each text column of a new primary key can have: 255 unless there are many. */
export function keyCharacters(key: readonly Column[]): number {
  const texts = key.filter(column => column.kind === 'text' || column.kind === 'other').length;
  const left = KEY_BYTES - (key.length - texts) * OTHER_BYTES;
  return Math.min(MAX_KEY_CHARACTERS, Math.floor(left / BYTES_PER_CHARACTER / Math.max(texts, 1)));
}

/** A value as it is bound. Bigints are sent as text: the protocol has no other exact way for every driver setting. */
export function toMysql(
  { kind, sqlType = '' }: Pick<Column, 'kind' | 'sqlType'> = { kind: 'other' },
  value: Cell | null,
): string | number | null {
  if (value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return String(value);
  if (kind === 'timestamp' && typeof value === 'string') return value.replace('T', ' ').replace(/Z$/, '');
  if (kind === 'other' && /^json$/i.test(sqlType)) return exactInJson(String(value));
  return kind === 'bigint' || kind === 'text' || kind === 'other' ? String(value) : value;
}

/** JSON with whole numbers of more than 64 bits as text, where MySQL's own JSON would make doubles of them that are written otherwise. */
function exactInJson(text: string): string {
  if (!/\d{19}/.test(text)) return text;
  try {
    return JSON.stringify(
      JSON.parse(text, (_name, part: unknown, context?: { source: string }) =>
        typeof part === 'number' && context ? inJson(context.source) : part,
      ),
    );
  } catch {
    return text; // No JSON, which the server refuses.
  }
}

function inJson(source: string): unknown {
  const number = exactNumber(source);
  if (typeof number === 'number' || !/^-?\d+$/.test(source)) return number;
  const whole = BigInt(source);
  return whole < MIN_IN_JSON || whole > MAX_IN_JSON ? source : number;
}

/** A value as it was read: bigints and times as text, doubles as numbers. */
export function fromMysql(kind: ColumnKind, value: unknown): Cell | null {
  if (value === null || value === undefined) return null;
  if (kind === 'bigint') return wholeNumber(String(value));
  if (kind === 'boolean') return booleanOf(value);
  if (kind === 'double') return Number(value);
  if (kind === 'timestamp') return canonicalTimestamp(`${String(value).replace(' ', 'T')}Z`) ?? String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Also of a column that is just made text. */
function booleanOf(value: unknown): Cell {
  if (value === 'true' || value === 'false') return value === 'true';
  return Number(value) === 0 ? false : Number(value) === 1 ? true : Number(value);
}

/** What no text of a character set has. MySQL's latin1 is Windows' code page 1252. Of others the server says it. */
const LACKING: Record<string, RegExp> = {
  ascii: /[^\p{ASCII}]/u,
  latin1: /[^\p{ASCII}\u0081\u008d\u008f\u0090\u009d\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/u,
  utf8mb3: /[\u{10000}-\u{10ffff}]/u,
  utf8: /[\u{10000}-\u{10ffff}]/u,
  ucs2: /[\u{10000}-\u{10ffff}]/u,
};

/** Why the column would change the value without a word, which no sql_mode prevents. */
export function refuseMysql(column: Column, value: Cell): string | undefined {
  const type = column.sqlType?.toLowerCase() ?? '';
  if (typeof value === 'number' && type.startsWith('float') && Math.fround(value) !== value) {
    return 'holds a number that FLOAT would round: make the column DOUBLE';
  }
  if (typeof value !== 'string') return undefined;
  const charset = 'charset' in column ? String(column.charset) : '';
  if (LACKING[charset]?.test(value)) return `holds characters that its character set ${charset} lacks`;
  if (/^char\b/.test(type) && value.endsWith(' '))
    return 'ends in a space, which CHAR drops: make the column VARCHAR';
  const digits = /^(?:decimal|numeric)\((\d+),(\d+)\)/.exec(type) ?? undefined;
  if (digits && fractionDigits(value) > Number(digits[2]))
    return `has more than ${digits[2]} digits after the point`;
  if (column.kind === 'timestamp' && fractionDigits(value) > timeDigits(type)) {
    return `is finer than ${type.toUpperCase()} keeps: make the column DATETIME(6)`;
  }
  return undefined;
}

function timeDigits(type: string): number {
  if (type === '') return 6;
  return Number(/^\w+\((\d)\)/.exec(type)?.[1] ?? 0);
}

function fractionDigits(text: string): number {
  return /\.(\d*?)0*(?!\d)/.exec(text)?.[1]?.length ?? 0;
}

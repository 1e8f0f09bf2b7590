/**
 * From Snowflake's SQL to DuckDB's, for the few constructs kvflow uses. Whatever else Snowflake lacks or does otherwise is
 * refused as Snowflake refuses it: a stand-in that accepts too much would prove nothing.
 */
import type { Token } from './snowflake-tokens.ts';
import { nameIn, SnowflakeRefusal, syntaxError, toDuck, tokenize } from './snowflake-tokens.ts';

/** Types of Snowflake that the stand-in stores, and how. */
const TYPES: Record<string, string> = {
  TEXT: 'VARCHAR',
  VARCHAR: 'VARCHAR',
  STRING: 'VARCHAR',
  NUMBER: 'DECIMAL',
  DECIMAL: 'DECIMAL',
  NUMERIC: 'DECIMAL',
  DOUBLE: 'DOUBLE',
  FLOAT: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP_TZ: 'TIMESTAMPTZ',
  TIMESTAMP_LTZ: 'TIMESTAMPTZ',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  VARIANT: 'JSON',
  OBJECT: 'JSON',
  ARRAY: 'JSON',
};

/** Functions of Snowflake that the stand-in has: of DuckDB itself, or macros of {@link MACROS}. */
const FUNCTIONS =
  'FLATTEN PARSE_JSON TRY_PARSE_JSON TO_NUMBER TO_DOUBLE TO_BOOLEAN TO_TIMESTAMP_TZ TO_TIMESTAMP_NTZ TO_TIMESTAMP_LTZ TO_VARCHAR TO_VARIANT TO_OBJECT TO_ARRAY CONVERT_TIMEZONE COALESCE IFF HASH CAST COUNT LENGTH LOWER TRIM LTRIM CHR CURRENT_VERSION CURRENT_ROLE CURRENT_WAREHOUSE CURRENT_DATABASE CURRENT_SCHEMA';
const KEYWORDS = 'TABLE USING IN AND OR ON AS VALUES KEY INSERT SELECT FROM JOIN NOT WHERE SET THEN WHEN';
const CALLABLE = new Set([...FUNCTIONS.split(' '), ...KEYWORDS.split(' '), ...Object.keys(TYPES)]);

/** Snowflake's functions in DuckDB's words. */
export const MACROS = [
  'to_number(x, p, s) AS CAST(x AS DECIMAL(38, 0))',
  'to_double(x) AS CAST(x AS DOUBLE)',
  'to_boolean(x) AS CAST(x AS BOOLEAN)',
  'to_timestamp_tz(x) AS CAST(x AS TIMESTAMPTZ)',
  'to_timestamp_ltz(x) AS CAST(x AS TIMESTAMPTZ)',
  'to_timestamp_ntz(x) AS CAST(x AS TIMESTAMP)',
  "convert_timezone(zone, x) AS timezone('UTC', x)",
  'parse_json(x) AS CAST(x AS JSON)',
  'try_parse_json(x) AS TRY_CAST(x AS JSON)',
  'to_variant(x) AS to_json(x)',
  'to_object(x) AS x',
  'to_array(x) AS x',
  'iff(a, b, c) AS CASE WHEN a THEN b ELSE c END',
  `to_varchar(x) AS CASE WHEN typeof(x) = 'JSON' THEN TRY_CAST(CAST(x AS VARCHAR) AS JSON)->>'$' ELSE CAST(x AS VARCHAR) END,
   (x, format) AS strftime(x, '%Y-%m-%dT%H:%M:%S.%fZ')`,
];

/** A type as DuckDB stores it. Throws what Snowflake answers to a type it does not have. */
export function duckType(type: string): string {
  const [, base = '', rest = ''] = /^([A-Za-z_]+)\s*(\(.*\))?$/.exec(type.trim()) ?? [];
  const stored = TYPES[base.toUpperCase()];
  if (!stored)
    throw new SnowflakeRefusal('002040', '42601', `SQL compilation error:\nUnsupported data type '${type}'.`);
  return stored === 'DECIMAL' ? `DECIMAL${rest || '(38, 0)'}` : stored;
}

/** Refuses what Snowflake refuses, and rewrites the rest. */
export function translate(sql: string): string {
  const tokens = tokenize(sql);
  refuseWhatIsMissing(tokens);
  return tokens
    .map(({ kind, text }) => (kind === 'quoted' ? toDuck(nameIn(text)) : text))
    .join('')
    .replace(/TABLE\(FLATTEN\(INPUT => PARSE_JSON\(\?\)\)\)/g, 'json_each(?)')
    .replace(/f\.VALUE\[(\d+)\]::VARCHAR/g, '(f.value->>$1)')
    .replace(
      /\bAS (VARCHAR|NUMBER|TIMESTAMP_[TNL]+Z)(\(\d+(?:, ?\d+)?\))?\)/g,
      (_, base: string, rest = '') => `AS ${duckType(base + rest)})`,
    );
}

function refuseWhatIsMissing(tokens: readonly Token[]): void {
  const solid = tokens.filter(({ kind }) => kind !== 'space');
  for (const [at, { kind, text }] of solid.entries()) {
    const next = solid[at + 1]?.text ?? '';
    const upper = kind === 'word' ? text.toUpperCase() : text;
    if (upper === 'RETURNING' || upper === '$') throw syntaxError(text);
    if (upper === 'ON' && next.toUpperCase() === 'CONFLICT') throw syntaxError(next);
    if (upper === ';' && at < solid.length - 1) throw tooManyStatements();
    if (upper === '::' && !/^(VARCHAR|NUMBER|BOOLEAN|DOUBLE|VARIANT)$/i.test(next)) duckType(next);
    if (kind === 'word' && next === '(' && !CALLABLE.has(upper)) throw unknownFunction(text);
  }
  refuseCallsInValues(solid);
}

/** VALUES takes constants and columns, no function such as PARSE_JSON. */
function refuseCallsInValues(solid: readonly Token[]): void {
  const from = solid.findIndex(({ text }) => /^values$/i.test(text));
  const call = solid.find(
    (token, at) => from >= 0 && at > from && /^(PARSE_JSON|TO_VARIANT|TO_ARRAY|TO_OBJECT)$/i.test(token.text),
  );
  if (!call) return;
  throw new SnowflakeRefusal(
    '002014',
    '22000',
    `SQL compilation error:\nInvalid expression [${call.text}] in VALUES clause`,
  );
}

function unknownFunction(name: string): SnowflakeRefusal {
  return new SnowflakeRefusal(
    '002140',
    '42601',
    `SQL compilation error:\nUnknown function ${name.toUpperCase()}`,
  );
}

function tooManyStatements(): SnowflakeRefusal {
  return new SnowflakeRefusal(
    '000008',
    '0A000',
    'Actual statement count 2 did not match the desired statement count 1.',
  );
}

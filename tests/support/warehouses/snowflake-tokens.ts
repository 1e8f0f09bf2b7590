/** Reads Snowflake's SQL as far as the stand-in needs it: tokens, and names as DuckDB may have them. */

/** One piece of a statement. */
export interface Token {
  kind: 'space' | 'string' | 'quoted' | 'word' | 'number' | 'other';
  text: string;
}

/** What a Snowflake answers instead of rows. */
export interface Refusal {
  code: string;
  sqlState: string;
  message: string;
}

/** Thrown inside the stand-in, answered by its protocol. */
export class SnowflakeRefusal extends Error implements Refusal {
  readonly code: string;
  readonly sqlState: string;

  constructor(code: string, sqlState: string, message: string) {
    super(message);
    this.code = code;
    this.sqlState = sqlState;
  }
}

/** A statement Snowflake would not compile. */
export function syntaxError(what: string): SnowflakeRefusal {
  return new SnowflakeRefusal(
    '001003',
    '42000',
    `SQL compilation error:\nsyntax error: unexpected '${what}'.`,
  );
}

const TOKEN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:[^'\\]|''|\\[\s\S])*')|(?<quoted>"(?:[^"]|"")+")|(?<word>[A-Za-z_][A-Za-z0-9_$]*)|(?<number>\d+(?:\.\d+)?)|(?<other>::|=>|<>|<=|>=|\|\||[\s\S])/gy;

/** Splits a statement; what is left out is nothing. */
export function tokenize(sql: string): Token[] {
  return [...sql.matchAll(TOKEN)].map(({ groups = {} }) => {
    const [kind = 'other', text = ''] = Object.entries(groups).find(([, value]) => value !== undefined) ?? [];
    return { kind: kind as Token['kind'], text };
  });
}

const LONGEST = 255;

/** The name inside a quoted token. */
export function nameIn(quoted: string): string {
  const name = quoted.slice(1, -1).replaceAll('""', '"');
  if (name.length <= LONGEST) return name;
  throw new SnowflakeRefusal(
    '000972',
    '42601',
    `SQL compilation error:\nIdentifier is too long: ${name.length}`,
  );
}

/**
 * DuckDB takes "A" and "a" for one name, Snowflake for two: so upper-case letters become lower-case ones here, and
 * lower-case ones get a mark.
 */
export function toDuck(name: string): string {
  const encoded = name.replace(/[A-Z]|[a-z^]/g, letter =>
    /[A-Z]/.test(letter) ? letter.toLowerCase() : `^${letter}`,
  );
  return `"${encoded.replaceAll('"', '""')}"`;
}

/** The way back. */
export function fromDuck(name: string): string {
  return name.replace(
    /\^(.)|([a-z])/g,
    (_, marked?: string, letter?: string) => marked ?? letter?.toUpperCase() ?? '',
  );
}

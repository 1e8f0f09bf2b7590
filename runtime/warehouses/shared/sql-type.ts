import { columnError, shown } from './cells.ts';

/** What `__sql_type_<field>` asks for. */
export interface SqlTypeHint {
  /** Type of the column, where it has to be made. */
  columnType: string;
  /** Type that values are cast to on the way in, where it is given apart. */
  castType?: string;
}

/** Where an event says the type of a column. */
export const SQL_TYPE_PREFIX = '__sql_type_';

const LONGEST = 100;
const WORD = /^[A-Za-z][A-Za-z0-9_]*/;
const ARGUMENT = /^(\d{1,9}|'[A-Za-z0-9_/+-]{1,64}')/;
/** Words that may follow the first: a type has no clauses such as DEFAULT or REFERENCES. */
const LATER_WORDS = /^(precision|varying|with|without|local|time|zone|unsigned|signed|large|object)$/i;

/** Reads the value of `__sql_type_<field>`: one type, or `[cast type, column type]`. Throws WAREHOUSE_ERROR. */
export function readSqlType(column: string, value: unknown): SqlTypeHint {
  const given = Array.isArray(value) ? value : [value];
  const types = given.map(each => (typeof each === 'string' ? each.trim() : ''));
  const [first = '', second] = types;
  if (types.length > 2 || !types.every(isSqlType)) {
    throw columnError(
      column,
      `${SQL_TYPE_PREFIX}${shown(column).slice(1, -1)} must be a type such as "numeric(38,18)", or [cast type, column type], and nothing but types`,
    );
  }
  return second === undefined ? { columnType: first } : { columnType: second, castType: first };
}

/**
 * Whether the text is the name of a type and nothing else. It becomes part of a statement, so the grammar is narrow:
 * words, arguments in parentheses (numbers, types, plain quoted text), `[]` at the end.
 */
export function isSqlType(text: string): boolean {
  return text.length <= LONGEST && readType(text) === '';
}

/** What is left after a type; undefined where there is none. */
function readType(text: string): string | undefined {
  const first = WORD.exec(text)?.[0];
  if (first === undefined) return undefined;
  let rest: string | undefined = text.slice(first.length);
  if (rest.startsWith('(')) rest = readArguments(rest.slice(1));
  while (rest?.startsWith(' ')) {
    const word = WORD.exec(rest.slice(1))?.[0];
    if (word === undefined || !LATER_WORDS.test(word)) return undefined;
    rest = rest.slice(1 + word.length);
    if (rest.startsWith('(')) rest = readArguments(rest.slice(1));
  }
  while (rest?.startsWith('[]')) rest = rest.slice(2);
  return rest;
}

function readArguments(text: string): string | undefined {
  let rest: string | undefined = text;
  for (;;) {
    const plain: string | undefined = ARGUMENT.exec(rest)?.[0];
    rest = plain === undefined ? readType(rest) : rest.slice(plain.length);
    if (rest === undefined) return undefined;
    if (rest.startsWith(')')) return rest.slice(1);
    const comma: string | undefined = /^, ?/.exec(rest)?.[0];
    if (comma === undefined) return undefined;
    rest = rest.slice(comma.length);
  }
}

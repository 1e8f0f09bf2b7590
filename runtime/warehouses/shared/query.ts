import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { WarehouseQuery, WarehouseRows } from '../../core/destinations.ts';
import type { Engine } from '../engine.ts';
import { shown } from './cells.ts';

/** Characters of an answer, about. */
const MAX_CHARACTERS = 1_000_000;
/** The statement becomes part of another one, which only a SELECT can. */
const READS = /^\s*(select|with|values|table)\b/i;

/** Comments before a statement; `/*!` and `/*+` are none: MySQL runs the one, and the other is a hint. */
const COMMENTS = /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?![!+])[\s\S]*?\*\/)+/;

/**
 * The end of a statement, with comments behind it. No quote and no end of a comment stands in a line there that could be the end of
 * what the semicolon is in: a text, a name, or a comment.
 */
const END = /;(?:\s|--(?![^\n\r]*\*\/)[^\n\r'"`$]*(?:[\n\r]|$)|\/\*(?![!+])(?:(?!\*\/)[^'"`$])*\*\/)*$/;

/** How much of a statement's end is looked at: of a long text every semicolon may be looked behind, up to the text's end. */
const MAX_END = 4_000;

/** Asks a warehouse that may be asked. Throws FORBIDDEN, UNSUPPORTED, WAREHOUSE_ERROR. */
export async function queryRows(
  { name, type, engine, query: isAllowed = false }: QueryOptions,
  call: Call,
  { sql, rows: most }: WarehouseQuery,
): Promise<WarehouseRows> {
  if (!isAllowed) {
    const way = `allow it with "query: true" of the destination in kvflow.yaml`;
    throw new PackError('FORBIDDEN', `destination ${shown(name)} answers no queries: ${way}`);
  }
  if (!engine.query)
    throw new PackError('UNSUPPORTED', `a ${type} cannot be asked from here: use a client of its own`);
  const statement = withoutEnd(sql.replace(COMMENTS, ''));
  if (!READS.test(statement))
    throw new PackError(
      'WAREHOUSE_ERROR',
      'a query must begin with SELECT, WITH or VALUES: nothing is changed by it',
    );
  const { columns, rows } = await engine.query(call, statement, most + 1);
  const plain = withinSize(rows.slice(0, most).map(row => row.map(plainValue)));
  return { columns, rows: plain, truncated: plain.length < rows.length };
}

/** The statement becomes part of another one: what ends it is taken away, unless that stands in a comment of its own. */
function withoutEnd(sql: string): string {
  const from = Math.max(0, sql.length - MAX_END);
  const end = END.exec(sql.slice(from));
  if (!end) return sql;
  const before = sql.slice(0, from + end.index);
  const isInside = before.lastIndexOf('/*') > before.lastIndexOf('*/');
  return isInside && end[0].trim() !== ';' ? sql : before;
}

interface QueryOptions {
  name: string;
  type: string;
  engine: Engine;
  query?: boolean | undefined;
}

function plainValue(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function withinSize<Row extends unknown[]>(rows: readonly Row[]): Row[] {
  let size = 0;
  const end = rows.findIndex(row => {
    size += row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
    return size > MAX_CHARACTERS;
  });
  return end === -1 ? [...rows] : rows.slice(0, end);
}

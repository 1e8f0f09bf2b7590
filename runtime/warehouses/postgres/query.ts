import type { Queried } from '../engine.ts';
import { quote } from './dialect.ts';
import type { Session } from './session.ts';

/**
 * Runs a SELECT in a transaction that cannot write, tables without a schema being those of the destination's. Rows come as
 * JSON, which knows the names of columns.
 */
export async function queryRows(
  session: Session,
  { sql, most, schema }: { sql: string; most: number; schema: string },
): Promise<Queried> {
  await session.query('SET TRANSACTION READ ONLY');
  await session.query("SELECT set_config('search_path', $1, true)", [`${quote(schema)}, public`]);
  // With a value to bind the server takes one statement and no more, whatever the text tries to end and begin.
  const wrapped = `SELECT row_to_json(q)::text FROM (${sql}\n) AS q LIMIT $1::bigint`;
  const rows = await session.query(wrapped, [String(most)]);
  const found = rows.map(([text]) => JSON.parse(text ?? '{}', withAllDigits) as Record<string, unknown>);
  const columns = Object.keys(found[0] ?? {});
  return { columns, rows: found.map(row => columns.map(name => row[name])) };
}

/** A number whose digits a double would change is its text. */
function withAllDigits(_key: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== 'number' || context === undefined) return value;
  const isExact = Number.isSafeInteger(value) || String(value) === context.source;
  return isExact || context.source.length < 16 ? value : context.source;
}

import type { Queried } from '../engine.ts';
import { quote } from './dialect.ts';
import type { ReadingSession } from './session.ts';

/**
 * Runs a SELECT in a transaction that cannot write, tables without a schema being those of the destination's. The server says
 * which columns the statement has, of an empty answer too and where names are the same; each value comes as JSON.
 */
export async function queryRows(
  session: ReadingSession,
  { sql, most, schema }: { sql: string; most: number; schema: string },
): Promise<Queried> {
  await session.query('SET TRANSACTION READ ONLY');
  await session.query("SELECT set_config('search_path', $1, true)", [`${quote(schema)}, public`]);
  // With a value to bind the server takes one statement and no more, whatever the text tries to end and begin.
  const columns = await session.columns(`SELECT * FROM (${sql}\n) AS q LIMIT $1::bigint`, ['0']);
  const names = columns.map((_name, at) => `c${at}`);
  const values = names.map(name => `to_json(${name})::text`).join();
  const from = `(${sql}\n) AS q${names.length > 0 ? `(${names.join()})` : ''}`;
  const rows = await session.query(`SELECT ${values} FROM ${from} LIMIT $1::bigint`, [String(most)]);
  return { columns, rows: rows.map(row => row.map(readJson)) };
}

function readJson(json: string | null): unknown {
  return json === null ? null : JSON.parse(json, withAllDigits);
}

/** A number whose digits a double would change is its text. */
function withAllDigits(_key: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== 'number' || context === undefined) return value;
  const isExact = Number.isSafeInteger(value) || String(value) === context.source;
  return isExact || context.source.length < 16 ? value : context.source;
}

import type { Call } from '../../core/call.ts';
/**
 * Changing rows and telling what they held before. Snowflake's UPDATE gives nothing back, and a transaction would not
 * keep others from changing a row between a SELECT and an UPDATE. So: one SELECT takes what is there with a fingerprint
 * of it, one MERGE changes the rows whose fingerprint is still the same. Two statements for any number of rows; where
 * another was faster, both once more.
 */

import { PackError } from '../../../contract/errors.ts';
import type { Column, Table } from '../engine.ts';
import { tableSql } from './define.ts';
import { columnSql } from './names.ts';
import type { AnswerRow, Sessions } from './sessions.ts';
import type { SourceColumn } from './source.ts';
import { plain, sourceOf } from './source.ts';
import { readSql } from './types.ts';
import { keysEqual, updatedRows } from './write.ts';

/** What to change. Columns of the source: `C0` the row's number, then the key, then `sources`. */
export interface Change {
  table: Table;
  key: readonly Column[];
  keySources: readonly SourceColumn[];
  /** Columns that are changed. */
  columns: readonly Column[];
  sources: readonly SourceColumn[];
  rows: number;
  /** Over `t` and `s`: whether a row that is there is to be changed. */
  condition: string;
  /** Over `t` and `s`: whether a row holds what it was to get. */
  done: string;
  /** Over `t` and `s`: the new value of each of `columns`. */
  values: readonly string[];
}

/** A row that was there: its answer to the SELECT has `V0`, `V1`, ... for the columns as they were. */
export interface Seen {
  row: AnswerRow;
  isChanged: boolean;
}

const MAX_TRIES = 5;

/** By the row's number; rows that are not there are missing. */
export async function change(sessions: Sessions, call: Call, what: Change): Promise<Map<number, Seen>> {
  const before = new Map<number, Seen>();
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const rows = await look(sessions, call, what);
    const due = note(before, rows);
    if (due.length === 0 || (await set(sessions, call, what, due)) >= due.length) return before;
  }
  throw new PackError('UNAVAILABLE', 'Snowflake: others keep changing the same rows; try again', {
    retryable: true,
  });
}

/** Rows that are due, and what is known of all after this look. */
function note(seen: Map<number, Seen>, rows: AnswerRow[]): AnswerRow[] {
  // A key may have several rows: Snowflake does not enforce primary keys.
  for (const [index, same] of Map.groupBy(rows, row => Number(row.I))) {
    const due = same.find(row => row.DUE === true);
    const before = seen.get(index);
    // In a later round, a row that holds what it was to get got it from this call; it tells nothing of before.
    if (!due && before?.isChanged && same.some(row => row.DONE === true)) continue;
    seen.set(index, { row: due ?? same[0] ?? {}, isChanged: due !== undefined });
  }
  return rows.filter(row => row.DUE === true);
}

async function look(sessions: Sessions, call: Call, what: Change): Promise<AnswerRow[]> {
  const numbers = Array.from({ length: what.rows }, (_, index) => String(index));
  const source = sourceOf([plain(numbers), ...what.keySources, ...what.sources], what.rows);
  const old = what.columns.map(
    (column, index) => `${readSql(column, `t.${columnSql(column)}`)} AS "V${index}"`,
  );
  const sql = [
    `SELECT s."C0" AS "I", ${fingerprint(what)} AS "H", COALESCE(${what.condition}, FALSE) AS "DUE",`,
    `COALESCE(${what.done}, FALSE) AS "DONE", ${old.join(', ')}`,
    `FROM ${tableSql(what.table)} AS t JOIN ${source.sql} AS s ON ${keysEqual(what.key, 1)}`,
  ].join(' ');
  return await sessions.run(call, { sql, binds: [source.bind], doing: 'looking at the rows to change' });
}

async function set(sessions: Sessions, call: Call, what: Change, due: AnswerRow[]): Promise<number> {
  // Several rows of one key that hold the same are one row of the source, or the MERGE would be ambiguous.
  const unique = [...new Map(due.map(row => [`${row.I} ${row.H}`, row])).values()];
  const pick = ({ cast, values }: SourceColumn): SourceColumn => ({
    cast,
    values: unique.map(row => values[Number(row.I)] ?? null),
  });
  const all = [...what.keySources, ...what.sources].map(pick);
  const source = sourceOf([plain(unique.map(row => String(row.H))), ...all], unique.length);
  const sets = what.columns.map((column, index) => `${columnSql(column)} = ${what.values[index]}`);
  const sql = [
    `MERGE INTO ${tableSql(what.table)} AS t USING ${source.sql} AS s`,
    `ON ${keysEqual(what.key, 1)} AND ${fingerprint(what)} = s."C0"`,
    `WHEN MATCHED THEN UPDATE SET ${sets.join(', ')}`,
  ].join(' ');
  return updatedRows(await sessions.run(call, { sql, binds: [source.bind], doing: 'changing rows' }));
}

function fingerprint({ columns }: Change): string {
  return `TO_VARCHAR(HASH(${columns.map(column => `t.${columnSql(column)}`).join(', ')}))`;
}

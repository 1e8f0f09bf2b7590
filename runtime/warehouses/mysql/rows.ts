import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import { cellsOf, shown } from '../shared/cells.ts';
import type { MysqlTable } from './describe.ts';
import type { JsonColumn } from './join.ts';
import { joinCondition, jsonOf, jsonTable, keyBinds, keyColumns, valueType } from './join.ts';
import { asMysqlTable } from './keys.ts';
import type { Bind, MysqlPool, Session } from './pool.ts';
import { splitRows } from './split.ts';
import { quoted } from './sql.ts';
import { fromMysql, toMysql } from './types.ts';

/** Which rows of a table, by which columns. */
export interface Wanted {
  table: MysqlTable;
  primaryKey: readonly string[];
  keys: readonly Cells<Cell | null>[];
}

/** Columns of rows in the order of the keys; undefined where there is no such row. `lock`: until the transaction ends; `free`: those that nobody else holds. */
export async function selectRows(
  session: Session,
  wanted: Wanted,
  columns: readonly string[],
  { lock = false }: { lock?: boolean | 'free' } = {},
): Promise<(Cells<Cell | null> | undefined)[]> {
  const { table, primaryKey } = wanted;
  const found: (Cells<Cell | null> | undefined)[] = wanted.keys.map(() => undefined);
  const binds = wanted.keys.map((key, index) => [...keyBinds(table, primaryKey, key), index]);
  const index: JsonColumn = { name: 'at', type: 'BIGINT' };
  // Named by number, as the driver takes offence at a column named __proto__.
  const sql =
    `SELECT STRAIGHT_JOIN j.${quoted('at')}, ${columns.map((name, at) => `t.${quoted(name)} AS c${at}`).join(', ')}` +
    ` FROM ${jsonTable([...keyColumns(table, primaryKey), index])}` +
    ` JOIN ${quoted(table.name)} t ON ${joinCondition(session.dialect, table, primaryKey)}${lock ? ` ${session.dialect.lock}` : ''}${lock === 'free' ? ' SKIP LOCKED' : ''}`;
  for (const part of splitRows(binds, session.maxPacket)) {
    for (const [at, ...values] of await session.execute(sql, [jsonOf(part)])) {
      found[Number(at)] = cellsOf(
        columns.map((name, column) => [
          name,
          fromMysql(table.columns.get(name)?.kind ?? 'other', values[column]),
        ]),
      );
    }
  }
  return found;
}

/** Which rows, by their keys, another transaction holds: those that are there and would have to be waited for. */
export async function lockedRows(
  pool: MysqlPool,
  call: Call,
  { table, keys }: { table: Table; keys: readonly Cells[] },
): Promise<boolean[]> {
  const primaryKey = Object.keys(keys[0] ?? {});
  const wanted = { table: asMysqlTable(table), primaryKey, keys };
  return await pool.run(call, `looking for held rows of table ${shown(table.name)}`, session =>
    session.transaction(async () => {
      const free = await selectRows(session, wanted, primaryKey, { lock: 'free' });
      const there = await selectRows(session, wanted, primaryKey);
      return keys.map((_, at) => there[at] !== undefined && free[at] === undefined);
    }),
  );
}

/** A row and the columns to set on it. */
export interface Change {
  key: Cells<Cell | null>;
  set: Cells<Cell | null>;
}

/** Sets columns of rows that are there and locked. Rows may set different columns. */
export async function updateRows(
  session: Session,
  { table, primaryKey }: Omit<Wanted, 'keys'>,
  changes: readonly Change[],
): Promise<void> {
  const names = [...new Set(changes.flatMap(({ set }) => Object.keys(set)))].sort();
  const columns = names.flatMap((name, index) => [
    { name: `s${index}`, type: 'TINYINT' },
    { name: `v${index}`, type: valueType(table.columns.get(name)) },
  ]);
  const sets = names.map((name, index) => {
    const there = `t.${quoted(name)}`;
    return `${there} = IF(j.${quoted(`s${index}`)} = 1, j.${quoted(`v${index}`)}, ${there})`;
  });
  const sql =
    `UPDATE ${jsonTable([...keyColumns(table, primaryKey), ...columns])} STRAIGHT_JOIN ${quoted(table.name)} t` +
    ` ON ${joinCondition(session.dialect, table, primaryKey)} SET ${sets.join(', ')}`;
  const rows = changes.map(({ key, set }): Bind[] => [
    ...keyBinds(table, primaryKey, key),
    ...names.flatMap((name): Bind[] =>
      set[name] === undefined ? [0, null] : [1, toMysql(table.columns.get(name), set[name] ?? null)],
    ),
  ]);
  for (const part of splitRows(rows, session.maxPacket)) await session.execute(sql, [jsonOf(part)]);
}

import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, RestoreBatch } from '../engine.ts';
import { columnsToSet, sameCell } from '../row-rule.ts';
import { cellsOf, noCells, shown } from '../shared/cells.ts';
import type { MysqlTable } from './describe.ts';
import { asMysqlTable, mayMeetOthers } from './keys.ts';
import type { MysqlPool, Session } from './pool.ts';
import type { Change } from './rows.ts';
import { selectRows, updateRows } from './rows.ts';
import { splitRows } from './split.ts';
import { toMysql } from './types.ts';
import { insertRows } from './upsert.ts';

/**
 * Sets identities: the rows are read and locked in one statement, changed in another, whatever their number. What they
 * were before is what was locked.
 */
export async function amend(pool: MysqlPool, call: Call, batch: AmendBatch): Promise<AmendFound[]> {
  const table = asMysqlTable(batch.table);
  const wanted = rowsOf(batch);
  const place = { table, primaryKey: batch.primaryKey };
  return await pool.run(call, `amending table ${shown(table.name)}`, session =>
    session.transaction(async () => {
      const there = await selectRows(session, { ...place, keys: wanted }, batch.identity, { lock: true });
      const changes: Change[] = [];
      const found = wanted.map((row, index): AmendFound => {
        const old = there[index];
        if (!old) return 'missing';
        const set = columnsToSet(old, row, batch);
        if (!set) return 'unchanged';
        changes.push({ key: row, set });
        return { old };
      });
      if (changes.length > 0) await change(session, place, batch, changes);
      return found;
    }),
  );
}

/**
 * MariaDB writes an UPDATE over a join by way of a temporary table, at half the speed of an INSERT that meets its rows.
 * The rows are there and locked, so both do the same, unless the insert could meet another row or needs more columns.
 */
async function change(
  session: Session,
  place: { table: MysqlTable; primaryKey: readonly string[] },
  batch: AmendBatch,
  changes: readonly Change[],
): Promise<void> {
  const { table, primaryKey } = place;
  const needsMore = table.required.some(name => !primaryKey.includes(name));
  if (needsMore || mayMeetOthers(session.dialect, table, primaryKey))
    return await updateRows(session, place, changes);
  const rows = changes.map(({ key, set }) =>
    batch.columns.map(column => {
      const { name } = column;
      return toMysql(column, (primaryKey.includes(name) ? key[name] : set[name]) ?? null);
    }),
  );
  for (const part of splitRows(rows, session.maxPacket)) await insertRows(session, batch, part);
}

/** Sets columns back that still are what they were made. */
export async function restore(pool: MysqlPool, call: Call, batch: RestoreBatch): Promise<boolean[]> {
  const table = asMysqlTable(batch.table);
  const changed = batch.rows.map(() => false);
  const columns = [...new Set(batch.rows.flatMap(row => Object.keys(row.columns)))].sort();
  const primaryKey = Object.keys(batch.rows[0]?.key ?? {});
  const place = { table, primaryKey };
  const keys = batch.rows.map(row => row.key);
  await pool.run(call, `restoring rows of table ${shown(table.name)}`, session =>
    session.transaction(async () => {
      const there = await selectRows(session, { ...place, keys }, columns, { lock: true });
      const changes = batch.rows.flatMap((row, index): Change[] => {
        const now = there[index];
        const set = now ? setBack(now, row.columns) : undefined;
        changed[index] = set !== undefined;
        return set ? [{ key: row.key, set }] : [];
      });
      if (changes.length > 0) await updateRows(session, place, changes);
    }),
  );
  return changed;
}

/** What to set where columns still are `from`; undefined where none is. */
function setBack(
  now: Cells<Cell | null>,
  columns: Cells<{ from: Cell; to: Cell | null }>,
): Cells<Cell | null> | undefined {
  const set = noCells<Cell | null>();
  for (const name in columns) {
    const given = columns[name];
    if (given && sameCell(now[name] ?? null, given.from)) set[name] = given.to;
  }
  return Object.keys(set).length > 0 ? set : undefined;
}

function rowsOf(batch: AmendBatch): Cells<Cell | null>[] {
  return Array.from({ length: batch.rows }, (_, row) =>
    cellsOf(batch.columns.map((column, at) => [column.name, batch.values[at]?.[row] ?? null] as const)),
  );
}

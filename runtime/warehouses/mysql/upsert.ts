import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Batch, Column } from '../engine.ts';
import { columnError, shown } from '../shared/cells.ts';
import { UNMAPPED } from '../shared/misfits.ts';
import { castType } from './cast.ts';
import type { MysqlTable } from './describe.ts';
import { isErrno } from './errors.ts';
import { joinCondition, jsonOf, jsonTable, keyColumns } from './join.ts';
import { asMysqlTable, checkKey, mayMeetOthers } from './keys.ts';
import type { Bind, MysqlPool, Session } from './pool.ts';
import { splitRows } from './split.ts';
import { quoted } from './sql.ts';
import { toMysql } from './types.ts';

const UNKNOWN_CAST = [1064, 4161];

/** Inserts rows, or sets the columns that they have on those that are there; in one transaction. */
export async function upsert(pool: MysqlPool, call: Call, batch: Batch): Promise<void> {
  const table = asMysqlTable(batch.table);
  checkKey(table, batch.primaryKey);
  const rows = Array.from({ length: batch.rows }, (_, row) =>
    batch.columns.map((column, at) => toMysql(column, batch.values[at]?.[row] ?? null)),
  );
  await pool.run(call, `loading into table ${shown(table.name)}`, async session => {
    const parts = splitRows(rows, session.maxPacket);
    const isRisky = mayMeetOthers(session.dialect, table, batch.primaryKey);
    const [only, ...others] = parts;
    if (only && others.length === 0 && !isRisky) return await insertRows(session, batch, only);
    await session.transaction(async () => {
      for (const part of parts) await insertRows(session, batch, part);
      if (isRisky) for (const part of parts) await checkThere(session, table, batch, part);
    });
  });
}

/** Inserts rows, or sets their columns that are not NULL on the rows that are there. One value per column of `batch`. */
export async function insertRows(
  session: Session,
  batch: Pick<Batch, 'table' | 'primaryKey' | 'columns'>,
  rows: readonly Bind[][],
): Promise<void> {
  const { dialect } = session;
  const names = batch.columns.map(column => quoted(column.name));
  const row = `(${batch.columns.map(({ castType: type }) => (type ? `CAST(? AS ${castType(type)})` : '?')).join(', ')})`;
  const others = batch.columns.filter(column => !batch.primaryKey.includes(column.name));
  const sets = others
    .map(({ name }) => quoted(name))
    .map(name => {
      const there = `${quoted(batch.table.name)}.${name}`;
      const given = dialect.incoming(name);
      // Values beside a row add up; of any other column the later value counts.
      const both = name === quoted(UNMAPPED) ? `JSON_MERGE_PATCH(${there}, ${given}), ` : '';
      return `${name} = COALESCE(${both}${given}, ${there})`;
    });
  const [firstKey = ''] = batch.primaryKey.map(quoted);
  // With nothing but the key there is nothing to set; the key stays as it is.
  const set = sets.length > 0 ? sets.join(', ') : `${firstKey} = ${quoted(batch.table.name)}.${firstKey}`;
  const sql =
    `INSERT INTO ${quoted(batch.table.name)} (${names.join(', ')}) VALUES ${rows.map(() => row).join(', ')}` +
    `${dialect.alias} ON DUPLICATE KEY UPDATE ${set}`;
  await session.execute(sql, rows.flat()).catch(error => {
    throw aboutCast(error, batch.columns);
  });
}

/** A cast that the user asked for and the server does not know is the fault of the event that asked. */
function aboutCast(error: unknown, columns: readonly Column[]): unknown {
  const asked = columns.find(column => column.castType !== undefined);
  if (!asked || !isErrno(error, ...UNKNOWN_CAST)) return error;
  const type = shown(asked.castType ?? '');
  return columnError(
    asked.name,
    `mysql: the server cannot cast the value of ${shown(asked.name)} to ${type}`,
    {
      details: { rows: true },
      cause: error,
    },
  );
}

/**
 * Whether each row is there under its own key. One that is not was taken for another row: nothing is stored then.
 * Throws WAREHOUSE_ERROR with `details.rows`.
 */
async function checkThere(
  session: Session,
  table: MysqlTable,
  batch: Batch,
  rows: readonly Bind[][],
): Promise<void> {
  const at = batch.primaryKey.map(name => batch.columns.findIndex(column => column.name === name));
  const keys = rows.map(row => at.map(index => row[index] ?? null));
  const [[count] = []] = await session.execute(
    `SELECT STRAIGHT_JOIN COUNT(*) FROM ${jsonTable(keyColumns(table, batch.primaryKey))}` +
      ` JOIN ${quoted(table.name)} t ON ${joinCondition(session.dialect, table, batch.primaryKey)}`,
    [jsonOf(keys)],
  );
  if (Number(count) === rows.length) return;
  throw new PackError(
    'WAREHOUSE_ERROR',
    `mysql: table ${shown(table.name)} takes the key of a row for another's: its key columns need a collation that tells all ` +
      `texts apart, such as ${session.dialect.exactCollation} (now ${collationsOf(table, batch.primaryKey)}), or another unique index is in the way`,
    { details: { rows: true } },
  );
}

function collationsOf(table: MysqlTable, primaryKey: readonly string[]): string {
  return primaryKey.map(name => table.columns.get(name)?.collation ?? 'none').join(', ');
}

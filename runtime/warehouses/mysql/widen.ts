import type { Call } from '../../core/call.ts';
import type { Column, ColumnKind, Table } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import { MAX_EXACT } from '../shared/typing.ts';
import { newType } from './definition.ts';
import type { MysqlPool } from './pool.ts';
import { quoted } from './sql.ts';
import { FLAGS_MARK } from './types.ts';

/** A column that has more to it than its type, which MODIFY would take from it. */
const PLAIN = `SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?
  AND LOWER(COLUMN_NAME) = ? AND IS_NULLABLE = 'YES' AND COALESCE(COLUMN_DEFAULT, 'NULL') = 'NULL'
  AND EXTRA = '' AND COLUMN_COMMENT IN ('', '${FLAGS_MARK}') AND COLUMN_KEY = ''`;
/** Who waits for the table's lock keeps all that come after from it. */
const LOCK_SECONDS = 3;

/** Makes a column of another kind, where nothing but its type is lost by that and no number is changed. */
export async function widenColumn(
  pool: MysqlPool,
  call: Call,
  { table, column, kind }: { table: Table; column: Column; kind: ColumnKind },
): Promise<void> {
  await pool.run(
    call,
    `widening column ${shown(column.name)} of table ${shown(table.name)}`,
    async session => {
      const [plain] = await session.execute(PLAIN, [table.name, column.name]);
      if (!plain) return;
      const [at, name] = [quoted(table.name), quoted(column.name)];
      if (kind === 'double' && column.kind === 'bigint') {
        const large = `SELECT 1 FROM ${at} WHERE ${name} > ${MAX_EXACT} OR ${name} < -${MAX_EXACT} LIMIT 1`;
        if ((await session.query(large)).length > 0) return;
      }
      const type = newType(session.dialect, { name: column.name, kind });
      const isOfFlags = column.kind === 'boolean';
      const modify = async (comment = ''): Promise<unknown> =>
        await session.query(`ALTER TABLE ${at} MODIFY COLUMN ${name} ${type} NULL COMMENT '${comment}'`);
      await session.query(`SET SESSION lock_wait_timeout = ${LOCK_SECONDS}`);
      try {
        if (!isOfFlags) return void (await modify());
        // MODIFY makes 1 of true: what is text then is written once more before anybody else writes. Of whoever is killed in
        // between the comment tells.
        await session.query(`LOCK TABLES ${at} WRITE`);
        await modify(FLAGS_MARK);
        await session.query(
          `UPDATE ${at} SET ${name} = IF(${name} = '1', 'true', 'false') WHERE ${name} IN ('0', '1')`,
        );
        await modify();
      } finally {
        if (isOfFlags) await session.query('UNLOCK TABLES');
        await session.query('SET SESSION lock_wait_timeout = DEFAULT');
      }
    },
  );
}

import type { Call } from '../../core/call.ts';
import type { Column, ColumnKind, Table } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import { MAX_EXACT } from '../shared/typing.ts';
import type { Clickhouse } from './client.ts';
import { quoted } from './sql.ts';
import { newType } from './types.ts';
import { asClickhouseTable } from './write.ts';

/** Makes a column of another kind, where that changes no number. Columns of keys and computed ones stay as they are. */
export async function widenColumn(
  clickhouse: Clickhouse,
  call: Call,
  { table, column, kind }: { table: Table; column: Column; kind: ColumnKind },
): Promise<void> {
  const found = asClickhouseTable(table).columns.get(column.name);
  if (!found || found.readOnly || found.inPartitionKey) return;
  const [at, name] = [quoted(table.name), quoted(column.name)];
  const doing = `widening column ${shown(column.name)} of table ${shown(table.name)}`;
  if (kind === 'double' && column.kind === 'bigint') {
    const large = `SELECT count() FROM ${at} WHERE ${name} > ${MAX_EXACT} OR ${name} < -${MAX_EXACT}`;
    const [[count] = []] = await clickhouse.query(call, doing, large);
    if (Number(count) > 0) return;
  }
  const type = newType({ name: column.name, kind }, !found.nullable);
  await clickhouse.command(call, doing, `ALTER TABLE ${at} MODIFY COLUMN ${name} ${type}`);
}

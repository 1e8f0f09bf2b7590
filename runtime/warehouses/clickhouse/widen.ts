import type { Call } from '../../core/call.ts';
import type { Column, ColumnKind, Table } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import { MARKS } from '../shared/half-written.ts';
import { MAX_EXACT } from '../shared/typing.ts';
import type { Clickhouse } from './client.ts';
import { quoted } from './sql.ts';
import type { ClickhouseColumn } from './types.ts';
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
  const alter = async (change: string): Promise<void> =>
    await clickhouse.command(call, doing, `ALTER TABLE ${at} ${change}`);
  const rewrite = kind === 'text' ? rewriting(found, name) : undefined;
  if (!rewrite) return await alter(`MODIFY COLUMN ${name} ${type}`);
  // Where it cannot be looked at, trying tells.
  const [[may] = ['1']] = await clickhouse
    .query(call, doing, `CHECK GRANT ALTER UPDATE ON ${at}`)
    .catch((): unknown[][] => []);
  if (Number(may) !== 1) return;
  // Of whoever is killed in between the comment tells.
  await alter(`MODIFY COLUMN ${name} ${type} COMMENT '${MARKS[column.kind]}'`);
  await alter(`UPDATE ${name} = ${rewrite.to} WHERE ${rewrite.where} SETTINGS mutations_sync = 2`);
  await alter(`COMMENT COLUMN ${name} ''`);
}

/** What ClickHouse writes otherwise than events do, and what is written in its place. Done twice it changes nothing more. */
function rewriting(
  { kind, inner }: ClickhouseColumn,
  name: string,
): { where: string; to: string } | undefined {
  if (kind === 'double')
    return { where: `match(${name}, 'e[0-9]')`, to: `replaceRegexpOne(${name}, 'e', 'e+')` };
  if (kind !== 'timestamp') return undefined;
  const zone = /'[^'\\]+'/.exec(inner)?.[0] ?? (inner.startsWith('DateTime') ? 'timeZone()' : `'UTC'`);
  const digits = /^DateTime64\((\d)/.exec(inner)?.[1] ?? '6';
  const text = `toString(toDateTime64(${name}, ${digits}, ${zone}), 'UTC')`;
  const short = `replaceRegexpOne(${text}, '[.]?0+$', '')`;
  const seconds = `if(position(${text}, '.') > 0, ${short}, ${text})`;
  return {
    where: `match(${name}, '^....-..-.. ')`,
    to: `concat(replaceOne(${seconds}, ' ', 'T'), 'Z')`,
  };
}

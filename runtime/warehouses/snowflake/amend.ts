import type { Call } from '../../core/call.ts';
import type { AmendBatch, AmendFound, Column, RestoreBatch } from '../engine.ts';
import { isEmptySql } from '../row-rule.ts';
import { cellsOf } from '../shared/cells.ts';
import { change } from './change.ts';
import { columnSql } from './names.ts';
import type { Sessions } from './sessions.ts';
import { decode } from './types.ts';
import { columnSource } from './write.ts';

/** Sets identities: two statements for any number of rows. */
export async function amend(sessions: Sessions, call: Call, batch: AmendBatch): Promise<AmendFound[]> {
  const key = batch.columns.filter(({ name }) => batch.primaryKey.includes(name));
  const columns = batch.columns.filter(({ name }) => batch.identity.includes(name));
  const source = (column: Column) => columnSource(column, batch.values[batch.columns.indexOf(column)] ?? []);
  const pairs = columns.map((column, index) => ({
    mine: `t.${columnSql(column)}`,
    given: `s."C${1 + key.length + index}"`,
  }));
  const isEmpty = (mine: string) => {
    const isNobody = isEmptySql(`CAST(${mine} AS VARCHAR)`, batch.empty);
    return isNobody === undefined ? `${mine} IS NULL` : `(${mine} IS NULL OR ${isNobody})`;
  };
  const seen = await change(sessions, call, {
    table: batch.table,
    key,
    keySources: key.map(source),
    columns,
    sources: columns.map(source),
    rows: batch.rows,
    condition: conditionOf(batch, pairs, isEmpty),
    done: pairs.map(({ mine, given }) => `(${given} IS NULL OR ${mine} = ${given})`).join(' AND '),
    values: pairs.map(({ mine, given }) =>
      batch.conflict === 'overwrite'
        ? `COALESCE(${given}, ${mine})`
        : `IFF(${isEmpty(mine)}, COALESCE(${given}, ${mine}), ${mine})`,
    ),
  });
  return Array.from({ length: batch.rows }, (_, index) => {
    const found = seen.get(index);
    if (!found) return 'missing';
    if (!found.isChanged) return 'unchanged';
    return {
      old: cellsOf(columns.map((column, at) => [column.name, decode(column, found.row[`V${at}`])] as const)),
    };
  });
}

function conditionOf(
  { conflict }: AmendBatch,
  pairs: { mine: string; given: string }[],
  isEmpty: (mine: string) => string,
): string {
  const all = (each: (mine: string, given: string) => string) =>
    `(${pairs.map(({ mine, given }) => `(${each(mine, given)})`).join(' AND ')})`;
  const any = (each: (mine: string, given: string) => string) =>
    `(${pairs.map(({ mine, given }) => `(${each(mine, given)})`).join(' OR ')})`;
  const isNew = any((mine, given) => `${given} IS NOT NULL AND ${isEmpty(mine)}`);
  if (conflict === 'overwrite')
    return any((mine, given) => `${given} IS NOT NULL AND ${mine} IS DISTINCT FROM ${given}`);
  if (conflict === 'skip') return `${all(isEmpty)} AND ${isNew}`;
  return `${all((mine, given) => `${isEmpty(mine)} OR ${given} IS NULL OR ${mine} = ${given}`)} AND ${isNew}`;
}

/** Sets rows back, each column where it still holds what the amendment gave it. */
export async function restore(sessions: Sessions, call: Call, batch: RestoreBatch): Promise<boolean[]> {
  const done = batch.rows.map(() => false);
  let left = batch.rows.map((row, index) => ({ row, index }));
  while (left.length > 0) {
    // A key that comes twice goes in a second round: rows of a MERGE's source must not meet in one row.
    const round = [
      ...new Map(
        [...left]
          .reverse()
          .map(item => [
            JSON.stringify(Object.entries(item.row.key).map(([name, value]) => [name, String(value)])),
            item,
          ]),
      ).values(),
    ];
    left = left.filter(item => !round.includes(item));
    const seen = await restoreOnce(sessions, call, { table: batch.table, rows: round.map(({ row }) => row) });
    for (const [at, { index }] of round.entries()) done[index] = seen[at] ?? false;
  }
  return done;
}

async function restoreOnce(
  sessions: Sessions,
  call: Call,
  { table, rows }: RestoreBatch,
): Promise<boolean[]> {
  const named = (names: string[]): Column[] => names.flatMap(name => table.columns.get(name) ?? []);
  const key = named(Object.keys(rows[0]?.key ?? {}));
  const columns = named([...new Set(rows.flatMap(row => Object.keys(row.columns)))]);
  if (key.length === 0 || columns.length === 0) return rows.map(() => false);
  const triples = columns.map((column, index) => {
    const at = 1 + key.length + 2 * index;
    return { mine: `t.${columnSql(column)}`, from: `s."C${at}"`, to: `s."C${at + 1}"` };
  });
  const seen = await change(sessions, call, {
    table,
    key,
    keySources: key.map(column =>
      columnSource(
        column,
        rows.map(row => row.key[column.name] ?? null),
      ),
    ),
    columns,
    sources: columns.flatMap(column => [
      columnSource(
        column,
        rows.map(row => row.columns[column.name]?.from ?? null),
      ),
      columnSource(
        column,
        rows.map(row => row.columns[column.name]?.to ?? null),
      ),
    ]),
    rows: rows.length,
    condition: triples.map(({ mine, from }) => `COALESCE(${mine} = ${from}, FALSE)`).join(' OR '),
    done: triples
      .map(({ mine, from, to }) => `(${from} IS NULL OR ${mine} IS NOT DISTINCT FROM ${to})`)
      .join(' AND '),
    values: triples.map(({ mine, from, to }) => `IFF(${mine} = ${from}, ${to}, ${mine})`),
  });
  return rows.map((_, index) => seen.get(index)?.isChanged ?? false);
}

import type { Cell, Cells } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Batch, Column, RestoreBatch, Table } from '../engine.ts';
import { assignments, condition, oldCells, partsOf, sameKey } from '../postgres/amend.ts';
import { equals, quote } from '../postgres/dialect.ts';
import { rowOf } from '../postgres/read.ts';
import { restoreParts } from '../postgres/restore.ts';
import type { Session } from '../postgres/session.ts';
import { STAGE, staged } from './stage.ts';
import { asText } from './types.ts';

/** A table as statements name it, and as they name its columns: an UPDATE knows no alias. */
export interface Named {
  full: string;
  own: string;
}

/** Upserts by UPDATE and INSERT. */
export async function upsertRows(session: Session, { full, own }: Named, batch: Batch): Promise<void> {
  const { columns, primaryKey } = batch;
  const key = columns
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => primaryKey.includes(column.name))
    .map(({ column, at }) => `${own}.${quote(column.name)} = s.c${at}`)
    .join(' AND ');
  const set = columns.flatMap((column, at) =>
    primaryKey.includes(column.name)
      ? []
      : [`${quote(column.name)} = COALESCE(s.c${at}, ${own}.${quote(column.name)})`],
  );
  const names = columns.map(column => quote(column.name)).join(', ');
  const values = columns.map((_, at) => `s.c${at}`).join(', ');
  await writing(session, full, () =>
    staged(session, batch, async () => {
      if (set.length > 0) {
        await session.query(`UPDATE ${full} SET ${set.join(', ')} FROM ${STAGE} AS s WHERE ${key}`);
      }
      await session.query(
        `INSERT INTO ${full} (${names}) SELECT ${values} FROM ${STAGE} AS s LEFT JOIN ${full} ON ${key} WHERE ${own}.${quote(primaryKey[0] ?? '')} IS NULL`,
      );
    }),
  );
}

/** Amends by reading what is there and an UPDATE of it. */
export async function amendRows(
  session: Session,
  { full, own }: Named,
  batch: AmendBatch,
): Promise<AmendFound[]> {
  const { key, identity } = partsOf(batch, own, 's');
  const found: AmendFound[] = Array.from({ length: batch.rows }, () => 'missing');
  const where = condition(batch, identity);
  const old = identity.map(({ column, there }) => asText(column, there)).join(', ');
  await writing(session, full, () =>
    staged(session, batch, async () => {
      const rows = await session.query(
        `SELECT s.n, CASE WHEN ${where} THEN 1 ELSE 0 END, ${old} FROM ${STAGE} AS s JOIN ${full} ON ${sameKey(key)}`,
      );
      for (const [number, isChanged, ...values] of rows) {
        found[Number(number)] = isChanged === '1' ? { old: oldCells(identity, values) } : 'unchanged';
      }
      if (!rows.some(([, isChanged]) => isChanged === '1')) return;
      await session.query(
        `UPDATE ${full} SET ${assignments(batch, identity)} FROM ${STAGE} AS s WHERE ${sameKey(key)} AND ${where}`,
      );
    }),
  );
  return found;
}

/** Sets rows back where they are still as they were left. */
export async function restoreRows(
  session: Session,
  { full, own }: Named,
  batch: RestoreBatch,
): Promise<boolean[]> {
  const { key, keyValues, columns } = restoreParts(batch);
  const all = [...key, ...columns.flatMap(({ column }) => [column, column])];
  const values = [...keyValues, ...columns.flatMap(({ from, to }) => [from, to])];
  const match = key.map((column, at) => `${own}.${quote(column.name)} = s.c${at}`).join(' AND ');
  const pairs = columns.map(({ column }, index) => {
    const there = `${own}.${quote(column.name)}`;
    const from = `s.c${key.length + 2 * index}`;
    const isSame = `(${from} IS NOT NULL AND ${equals(column, there, from)})`;
    const to = `s.c${key.length + 2 * index + 1}`;
    return { isSame, set: `${quote(column.name)} = CASE WHEN ${isSame} THEN ${to} ELSE ${there} END` };
  });
  const where = `${match} AND (${pairs.map(({ isSame }) => isSame).join(' OR ')})`;
  const changed = new Set<number>();
  await writing(session, full, () =>
    staged(session, { columns: all, values, rows: batch.rows.length }, async () => {
      const rows = await session.query(`SELECT s.n FROM ${STAGE} AS s JOIN ${full} ON ${where}`);
      for (const [number] of rows) changed.add(Number(number));
      if (changed.size === 0) return;
      const set = pairs.map(pair => pair.set).join(', ');
      await session.query(`UPDATE ${full} SET ${set} FROM ${STAGE} AS s WHERE ${where}`);
    }),
  );
  return batch.rows.map((_, index) => changed.has(index));
}

/** Whole rows by their keys. */
export async function readRows(
  session: Session,
  { full, own }: Named,
  table: Table,
  keys: readonly Cells[],
): Promise<(Cells<Cell | null> | undefined)[]> {
  const key = Object.keys(keys[0] ?? {}).map(
    (name): Column => table.columns.get(name) ?? { name, kind: 'other' },
  );
  const columns = [...table.columns.values()];
  const found: (Cells<Cell | null> | undefined)[] = keys.map(() => undefined);
  const values = key.map(({ name }) => keys.map(each => each[name] ?? null));
  const match = key.map(({ name }, at) => `${own}.${quote(name)} = s.c${at}`).join(' AND ');
  const wanted = columns.map(column => asText(column, `${own}.${quote(column.name)}`)).join(', ');
  await staged(session, { columns: key, values, rows: keys.length }, async () => {
    const rows = await session.query(`SELECT s.n, ${wanted} FROM ${STAGE} AS s JOIN ${full} ON ${match}`);
    for (const [number, ...cells] of rows) found[Number(number)] = rowOf(columns, cells);
  });
  return found;
}

/** Keys are not enforced, so that two writers could each insert a row of the same key: they take turns instead. */
async function writing(session: Session, full: string, work: () => Promise<void>): Promise<void> {
  await session.query(`LOCK TABLE ${full}`);
  await work();
}

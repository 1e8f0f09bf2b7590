import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Batch, Column, ColumnKind, RestoreBatch, Table } from '../engine.ts';
import { noCells, shown } from './cells.ts';
import { policyOf } from './misfits.ts';
import type { Settling } from './settle.ts';
import { toKind } from './typing.ts';

/** A batch that is written, and what became of it. */
interface Writing<T> {
  batch: Batch;
  write(): Promise<T>;
  /** What stood in a row before, as the answer tells; undefined: nothing was written there. Default: it is not known. */
  replaced?(answer: T, row: number): Cells<Cell | null> | undefined;
}

/**
 * Writes a batch, and looks before and after it whether its columns are of the kinds that its values were made for, where the warehouse
 * would change a value without a word had another process widened the column since: a whole number above 2^53 in a column of doubles
 * loses digits, and true becomes 1 in one of text. Throws with `details.stale` then, so that it is done again for the table as it is;
 * what was changed is taken back before, as such a number may then be kept beside its row.
 */
export async function asLookedUp<T>(
  { engine, tables, misfits }: Settling,
  call: Call,
  { batch, write, replaced = noCells }: Writing<T>,
): Promise<T> {
  const { name, primaryKey } = batch.table;
  const isAtRisk = (column: Column, at: number): boolean => {
    if (primaryKey.includes(column.name)) return false;
    const policy = policyOf(misfits, column.name);
    if (column.kind === 'boolean') return policy === 'widen';
    if (column.kind !== 'bigint' || (policy !== 'auto' && policy !== 'widen')) return false;
    return batch.values[at]?.some(isLarge) === true;
  };
  const columns = batch.columns.filter(isAtRisk);
  if (columns.length === 0) return await write();
  const before = await look();
  if (before) throw before.stale;
  const answer = await write();
  const after = await look();
  if (!after) return answer;
  const rows = after.table ? rowsBack(after.table, batch, row => replaced(answer, row)) : [];
  if (after.table && rows.length > 0) await engine.restore(call, { table: after.table, rows });
  throw after.stale;

  /** The table, where one of the columns is another by now. */
  async function look(): Promise<{ table: Table | undefined; stale: PackError } | undefined> {
    const table = await tables.look(call, name);
    const other = columns.find(column => table?.columns.get(column.name)?.kind !== column.kind);
    if (!other) return undefined;
    const message = `column ${shown(other.name)} of table ${shown(name)} was altered meanwhile`;
    return { table, stale: new PackError('WAREHOUSE_ERROR', message, { details: { stale: true } }) };
  }
}

/** The same of rows that are amended: what they had before the engine tells. */
export async function amendAsLookedUp(
  settling: Settling,
  call: Call,
  batch: AmendBatch,
): Promise<AmendFound[]> {
  return await asLookedUp(settling, call, {
    batch,
    write: () => settling.engine.amend(call, batch),
    replaced: (found, row) => {
      const one = found[row];
      return typeof one === 'object' ? one.old : undefined;
    },
  });
}

function isLarge(value: Cell | null): boolean {
  return value !== null && !Number.isSafeInteger(Number(value));
}

/** What was written, and what it is set back to: what it replaced, and of what was rounded nothing, where that is not known. */
function rowsBack(
  table: Table,
  { primaryKey, columns, values, versions, rows }: Batch,
  replaced: (row: number) => Cells<Cell | null> | undefined,
): RestoreBatch['rows'] {
  const back = Array.from({ length: rows }, (_, row): RestoreBatch['rows'] => {
    const [key, changed] = [noCells<Cell>(), noCells<{ from: Cell; to: Cell | null }>()];
    const old = replaced(row);
    for (const [at, { name, kind: before }] of columns.entries()) {
      const kind = table.columns.get(name)?.kind;
      const value = values[at]?.[row] ?? null;
      if (!old || !kind || value === null) continue;
      const isRounded = before === 'bigint' && kind === 'double' && isLarge(value);
      const from = isRounded ? Number(value) : toKind(kind, value);
      if (from === undefined) continue;
      if (primaryKey.includes(name)) key[name] = from;
      else if (isRounded || Object.hasOwn(old, name)) changed[name] = { from, to: asNow(kind, old[name]) };
    }
    return Object.keys(changed).length > 0 ? [{ key, columns: changed, version: versions[row] ?? 0n }] : [];
  });
  return back.flat();
}

function asNow(kind: ColumnKind, old: Cell | null | undefined): Cell | null {
  return old === null || old === undefined ? null : (toKind(kind, old) ?? null);
}

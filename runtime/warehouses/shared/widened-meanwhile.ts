import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Batch, Column } from '../engine.ts';
import { shown } from './cells.ts';
import { policyOf } from './misfits.ts';
import type { Settling } from './settle.ts';

/**
 * Writes a batch, and looks before and after it whether its columns are of the kinds that its values were made for, where the warehouse
 * would change a value without a word had another process widened the column since: a whole number above 2^53 in a column of doubles
 * loses digits, and true becomes 1 in one of text. Throws with `details.stale` then, so that it is done again for the table as it is.
 */
export async function asLookedUp<T>(
  { tables, misfits }: Settling,
  call: Call,
  batch: Batch,
  write: () => Promise<T>,
): Promise<T> {
  const { name, primaryKey } = batch.table;
  const isAtRisk = (column: Column, at: number): boolean => {
    if (primaryKey.includes(column.name)) return false;
    const policy = policyOf(misfits, column.name);
    if (column.kind === 'boolean') return policy === 'widen';
    if (column.kind !== 'bigint' || (policy !== 'auto' && policy !== 'widen')) return false;
    return batch.values[at]?.some(value => value !== null && !Number.isSafeInteger(Number(value))) === true;
  };
  const columns = batch.columns.filter(isAtRisk);
  if (columns.length === 0) return await write();
  await check();
  const answer = await write();
  await check();
  return answer;

  async function check(): Promise<void> {
    const now = await tables.look(call, name);
    const other = columns.find(column => now?.columns.get(column.name)?.kind !== column.kind);
    if (!other) return;
    const message = `column ${shown(other.name)} of table ${shown(name)} was altered meanwhile`;
    throw new PackError('WAREHOUSE_ERROR', message, { details: { stale: true } });
  }
}

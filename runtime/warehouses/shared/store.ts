import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/define-function.ts';
import { batchesOf, mergeByKey } from './batch.ts';
import { withoutFlags } from './cells.ts';
import type { Settling } from './settle.ts';
import { settle } from './settle.ts';
import type { Source } from './source.ts';

/** Where events go. */
export interface Place {
  name: string;
  key: readonly string[];
}

/** Upserts events of one table, in their order. Answers why some were not stored; throws what concerns all of them. */
export async function store(
  settling: Settling,
  call: Call,
  place: Place,
  sources: readonly Source[],
): Promise<Map<number, PackError>> {
  return await againWhenStale(settling, place.name, () =>
    byHalves(sources, async part => {
      const settled = await settle(settling, call, part, { ...place, create: true });
      if (!settled) return new Map();
      const rows = mergeByKey(settled.rows, place.key);
      const options = { table: settled.table, primaryKey: place.key, bytes: settling.engine.limits.bytes };
      for (const { batch } of rows.length > 0 ? batchesOf(rows, options) : []) {
        await settling.engine.upsert(call, batch);
      }
      return settled.failed;
    }),
  );
}

/** Runs work again, once, where the table is not what it was known to be. */
export async function againWhenStale<T>(
  { tables }: Settling,
  table: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackError) || error.details.stale !== true) throw error;
    tables.forget(table);
    return await work();
  }
}

/**
 * Does the work for all, and where that fails because of single items, for one half and then the other, so that an item
 * costs nobody but itself. What is done twice must do no harm.
 */
export async function byHalves<Item extends { index: number }>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Map<number, PackError>>,
): Promise<Map<number, PackError>> {
  try {
    return await work(items);
  } catch (error) {
    if (!(error instanceof PackError) || error.details.rows !== true) throw error;
    const [only] = items;
    if (items.length === 1 && only) return new Map([[only.index, withoutFlags(error)]]);
    const middle = Math.ceil(items.length / 2);
    const first = await byHalves(items.slice(0, middle), work);
    const second = await byHalves(items.slice(middle), work);
    return new Map([...first, ...second]);
  }
}

import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import { batchesOf, mergeByKey } from './batch.ts';
import { shown, withoutFlags } from './cells.ts';
import { heldRows, isLocked } from './locked.ts';
import { isKeptAside } from './misfits.ts';
import type { Settling } from './settle.ts';
import { settle } from './settle.ts';
import type { Source } from './source-row.ts';
import { asLookedUp } from './widened-meanwhile.ts';

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
  const work = async (part: readonly Source[]) => {
    const settled = await settle(settling, call, part, { ...place, create: true });
    if (!settled) return new Map<number, PackError>();
    const rows = mergeByKey(settled.rows, place.key);
    const options = { table: settled.table, primaryKey: place.key, bytes: settling.engine.limits.bytes };
    for (const { batch } of rows.length > 0 ? batchesOf(rows, options) : []) {
      await asLookedUp(settling, call, { batch, write: () => settling.engine.upsert(call, batch) });
    }
    return settled.failed;
  };
  const alone = (source: Source, error: PackError): Promise<Map<number, PackError>> => {
    const column = valueToPutAside(settling, place, source, error);
    if (column === undefined) return Promise.resolve(new Map([[source.index, withoutFlags(error)]]));
    return byHalves([{ ...source, aside: new Set([...(source.aside ?? []), column]) }], work, {
      alone,
      isAgain: true,
    });
  };
  const held = (part: readonly Source[], error: PackError) =>
    heldRows(settling, call, place, { sources: part, error });
  return await againWhenStale(settling, place.name, isAgain =>
    byHalves(sources, work, { alone, held, isAgain }),
  );
}

/** The column of a value that the warehouse itself refused, where the policy lets the row go without it. */
export function valueToPutAside(
  { misfits }: Settling,
  { key }: Place,
  { cells, aside }: Source,
  { details }: PackError,
): string | undefined {
  if (details.value !== true) return undefined;
  const column = Object.keys(cells).find(name => shown(name).slice(1, -1) === details.column);
  if (column === undefined || key.includes(column) || aside?.has(column)) return undefined;
  return isKeptAside(misfits, column) ? column : undefined;
}

/** Another process may widen one column after the other: each may be met by a write that knew of those before. */
const STALE_TRIES = 6;

/** Runs work again where the table is not what it was known to be. */
export async function againWhenStale<T>(
  { tables }: Settling,
  table: string,
  work: (isAgain: boolean) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work(tries > 1);
    } catch (error) {
      if (!(error instanceof PackError) || error.details.stale !== true || tries === STALE_TRIES) throw error;
      tables.forget(table);
    }
  }
}

/** How items are halved. */
export interface Halving<Item> {
  /** Of items whose statement waited too long for a lock: those that can be done without, and why the others cannot. */
  held?(items: readonly Item[], error: PackError): Promise<{ free: Item[]; failed: Map<number, PackError> }>;
  /** What becomes of an item that is refused by itself. Default: its error is the answer. */
  alone?(item: Item, error: PackError): Promise<Map<number, PackError>>;
  /** The table was looked at anew already. */
  isAgain?: boolean;
}

/**
 * Does the work for all, and where that fails because of single items, for one half and then the other, so that an item
 * costs nobody but itself: `alone` says what becomes of it. What is done twice must do no harm.
 */
export async function byHalves<Item extends { index: number }>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Map<number, PackError>>,
  { alone = refused, held, isAgain = false }: Halving<Item> = {},
): Promise<Map<number, PackError>> {
  try {
    return await work(items);
  } catch (error) {
    if (held && isLocked(error)) {
      const { free, failed } = await held(items, error);
      return new Map([...failed, ...(await byHalves(free, work, { alone, held, isAgain }))]);
    }
    if (!(error instanceof PackError) || error.details.rows !== true) throw error;
    // First it is looked at the table anew.
    if (error.details.stale === true && !isAgain) throw error;
    const [only] = items;
    if (items.length === 1 && only) return await alone(only, error);
    const middle = Math.ceil(items.length / 2);
    const first = await byHalves(items.slice(0, middle), work, { alone, held, isAgain });
    const second = await byHalves(items.slice(middle), work, { alone, held, isAgain });
    return new Map([...first, ...second]);
  }
}

async function refused(item: { index: number }, error: PackError): Promise<Map<number, PackError>> {
  return new Map([[item.index, withoutFlags(error)]]);
}

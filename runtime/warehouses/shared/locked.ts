import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import { keyCells } from './cells.ts';
import type { Settling } from './settle.ts';
import type { Source } from './source-row.ts';

/**
 * Of events whose statement waited too long for a lock, those whose rows are held: they alone fail with that error, and may
 * be tried again. Throws the error where all are held, or none is any more: then the call is made again.
 */
export async function heldRows<S extends Source>(
  { engine, tables }: Settling,
  call: Call,
  { name, key }: { name: string; key: readonly string[] },
  { sources, error }: { sources: readonly S[]; error: PackError },
): Promise<{ free: S[]; failed: Map<number, PackError> }> {
  const table = await tables.current(call, name);
  if (!engine.locked || !table || sources.length < 2) throw error;
  const keys = sources.map(({ cells }) => keyCells(cells, key));
  const locked = await engine.locked(call, table, keys);
  const free = sources.filter((_, at) => !locked[at]);
  if (free.length === 0 || free.length === sources.length) throw error;
  const held = sources.filter((_, at) => locked[at]);
  return { free, failed: new Map(held.map(({ index }) => [index, error])) };
}

/** Whether a statement gave up waiting for a lock. */
export function isLocked(error: unknown): error is PackError {
  return error instanceof PackError && error.details.locked === true;
}

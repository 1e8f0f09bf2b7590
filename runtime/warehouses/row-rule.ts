import type { AmendConflict, Cell, Cells } from '../core/destinations.ts';
import { noCells } from './shared/cells.ts';

/** What of a row to change, for engines that decide outside of the warehouse. */
export interface RowRule {
  conflict: AmendConflict;
  /** Columns of the batch's identities. */
  identity: readonly string[];
}

/**
 * The columns to set on a row, or undefined where none is: `fill` sets NULL columns, unless a column says another value
 * than the new one; `skip` only where all identity columns are NULL; `overwrite` whatever differs. A value the row is
 * not to get (null) contradicts nothing.
 */
export function columnsToSet(
  there: Cells<Cell | null>,
  wanted: Cells<Cell | null>,
  { conflict, identity }: RowRule,
): Cells | undefined {
  const set = noCells<Cell>();
  for (const name of identity) {
    const now = there[name] ?? null;
    const then = wanted[name] ?? null;
    if (conflict === 'skip' && now !== null) return undefined;
    if (then === null || sameCell(now, then)) continue;
    if (conflict === 'fill' && now !== null) return undefined;
    set[name] = then;
  }
  return Object.keys(set).length > 0 ? set : undefined;
}

/** Whether two values are one: a number and its text are, as a column holds either as its own kind. */
export function sameCell(some: Cell | null, other: Cell | null): boolean {
  if (some === null || other === null) return some === other;
  return String(some) === String(other);
}

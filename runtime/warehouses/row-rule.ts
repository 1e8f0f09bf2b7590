import type { AmendConflict, Cell, Cells } from '../core/destinations.ts';
import { noCells } from './shared/cells.ts';

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** The signs of ASCII as SQL; the backslash by its number, as warehouses differ in what one means in a string. */
const SIGNS_SQL = `' !"#$%&''()*+,-./:;<=>?@[]^_\`{|}~' || CHR(92)`;

/** What of a row to change, for engines that decide outside of the warehouse. */
export interface RowRule {
  conflict: AmendConflict;
  /** Columns of the batch's identities. */
  identity: readonly string[];
  /** What counts as no value besides NULL. */
  empty: ReadonlySet<string>;
}

/**
 * The columns to set on a row, or undefined where none is: `fill` sets empty columns, unless a column says another value
 * than the new one; `skip` only where all identity columns are empty; `overwrite` whatever differs. A value the row is
 * not to get (null) contradicts nothing.
 */
export function columnsToSet(
  there: Cells<Cell | null>,
  wanted: Cells<Cell | null>,
  { conflict, identity, empty }: RowRule,
): Cells | undefined {
  const set = noCells<Cell>();
  for (const name of identity) {
    const now = there[name] ?? null;
    const then = wanted[name] ?? null;
    const isEmpty = isEmptyCell(now, empty);
    if (conflict === 'skip' && !isEmpty) return undefined;
    if (then === null || sameCell(now, then)) continue;
    if (conflict === 'fill' && !isEmpty) return undefined;
    set[name] = then;
  }
  return Object.keys(set).length > 0 ? set : undefined;
}

/** Whether an identity's column says nothing: it is NULL, or holds what names nobody: one of `empty`, or no letter and no digit. */
export function isEmptyCell(cell: Cell | null, empty: ReadonlySet<string>): boolean {
  if (cell === null) return true;
  if (empty.size === 0) return false;
  const text = String(cell);
  return !LETTER_OR_DIGIT.test(text) || empty.has(text.trim().toLowerCase());
}

/**
 * The same in SQL: a condition over a column's value as text, `undefined` where only NULL is empty. Of texts without a letter
 * or digit it knows those of ASCII: what a letter is depends on the locale of the warehouse.
 */
export function isEmptySql(text: string, empty: ReadonlySet<string>): string | undefined {
  const texts = literalsOf(empty);
  return texts === ''
    ? undefined
    : `(LOWER(TRIM(${text})) IN (${texts}) OR LTRIM(${text}, ${SIGNS_SQL}) = '')`;
}

/** A statement asks for it several times. */
const literals = new WeakMap<ReadonlySet<string>, string>();

/** Settings, and no values of events: what a string of one of the warehouses would not take as it is, is left out. */
function literalsOf(empty: ReadonlySet<string>): string {
  let texts = literals.get(empty);
  if (texts === undefined) {
    texts = [...empty].flatMap(each => (/['\\\0]/.test(each) ? [] : `'${each}'`)).join(', ');
    literals.set(empty, texts);
  }
  return texts;
}

/** Whether two values are one: a number and its text are, as a column holds either as its own kind. */
export function sameCell(some: Cell | null, other: Cell | null): boolean {
  if (some === null || other === null) return some === other;
  return String(some) === String(other);
}

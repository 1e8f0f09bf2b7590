import type { AmendConflict, Cell, Cells } from '../../core/destinations.ts';
import { isEmptyCell } from '../row-rule.ts';
import { cellsOf, noCells } from './cells.ts';

/** Which columns are amended. */
export interface ChangeRule {
  /** Columns of the primary key are not. */
  key: readonly string[];
  conflict: AmendConflict;
  /** What counts as no value in a column of the identity. */
  empty: ReadonlySet<string>;
}

/** What amending a row makes of it. */
export interface Change {
  isAny: boolean;
  old: Cells<Cell | null>;
  new: Cells;
}

/** What is to become of a row that has `was`, by the rule for columns that hold something. */
export function changeOf(
  cells: Cells,
  was: Cells<Cell | null>,
  { key, conflict, empty }: ChangeRule,
): Change {
  const change: Change = { isAny: false, old: noCells(), new: noCells() };
  for (const name in cells) {
    const value = cells[name];
    const before = was[name] ?? null;
    const isChanged =
      conflict === 'overwrite'
        ? String(before) !== String(value) || before === null
        : isEmptyCell(before, empty);
    if (value === undefined || key.includes(name) || !isChanged) continue;
    change.old[name] = before;
    change.new[name] = value;
    change.isAny = true;
  }
  return change;
}

/** The cells beside the primary key. */
export function withoutKey(cells: Cells, key: readonly string[]): Cells {
  const rest = Object.entries(cells).filter(
    ([column, value]) => value !== undefined && !key.includes(column),
  );
  return cellsOf(rest);
}

/** The cells of the primary key. */
export function keyOf(cells: Cells, key: readonly string[]): Cells {
  const only = noCells<Cell>();
  for (const column of key) {
    const value = cells[column];
    if (value !== undefined) only[column] = value;
  }
  return only;
}

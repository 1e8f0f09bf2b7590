import type { AmendConflict, AmendOutcome, Cell, Cells, IdentityValue } from '../../core/destinations.ts';
import type { AmendFound } from '../engine.ts';
import { isEmptyCell } from '../row-rule.ts';
import { cellsOf, noCells } from './cells.ts';
import type { TableShape } from './source.ts';

/** Which columns are amended. */
export interface ChangeRule {
  /** Columns of the primary key are not. */
  key: readonly string[];
  conflict: AmendConflict;
  /** What counts as no value in a column of the identity. */
  empty: ReadonlySet<string>;
}

/** What amending a row makes of it. */
interface Change {
  isAny: boolean;
  old: Cells<Cell | null>;
  new: Cells;
}

/** A row that was amended, or was to be. */
export interface JudgedRow {
  /** The same object for rows that were to get the same. */
  identity: Cells;
  /** What was to be written; those of the key may be among them. */
  cells: Cells;
  /** Of the primary key. */
  key: Cells;
}

/**
 * Tells outcomes of rows. Most rows of a visitor change alike: then they share what they were and what they are, which
 * costs less, and by which whoever writes it down sees that it is the same.
 */
export function createJudge(table: string, rule: ChangeRule) {
  /** By identity, the last change of a row that got it. */
  const changes = new Map<Cells, { was: Cells<Cell | null>; change: Change }>();
  return (found: AmendFound, { identity, cells, key }: JudgedRow): AmendOutcome | 'missing' => {
    if (found === 'missing') return 'missing';
    if (found !== 'unchanged') {
      const last = changes.get(identity);
      const change = last?.was === found.old ? last.change : changeOf(cells, found.old, rule);
      if (last?.change !== change) changes.set(identity, { was: found.old, change });
      if (change.isAny) return { state: 'amended', table, key, old: change.old, new: change.new };
    }
    return { state: 'unchanged', row: { table, key, new: withoutKey(cells, rule.key) } };
  };
}

/** The columns of an identity, those of the primary key left out. */
export function identityCells(identity: readonly IdentityValue[], { names, table, key }: TableShape): Cells {
  return cellsOf<Cell>(
    identity
      .map(({ path, value }) => [names.ofPath(path, table), value] as const)
      .filter(([column]) => !key.includes(column)),
  );
}

/** What is to become of a row that has `was`, by the rule for columns that hold something. */
function changeOf(cells: Cells, was: Cells<Cell | null>, { key, conflict, empty }: ChangeRule): Change {
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
function withoutKey(cells: Cells, key: readonly string[]): Cells {
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

import type { Cell, Cells, RestoreRow } from '../../core/destinations.ts';
import { eventKey, keyTagOf } from '../event/event-key.ts';
import type { EventNote } from '../event/event-note.ts';
import { fromStoredNote } from '../event/event-note.ts';
import type { StoredAudit } from './audit.ts';

/** A value that was written, and what it is set back to. */
interface Link {
  from: Cell;
  to: Cell | null;
}

/** A row that was amended: what stood there first and what was written last, and what is known of its event. */
export interface AmendedRow extends Pick<RestoreRow, 'table' | 'key'> {
  /** What was written into each column, the last first, and what stood there before. */
  columns: Cells<Link[]>;
  /** Names of its primary key's columns, as the destination has them where they are the same. */
  fields: string[];
  /** Stands for its event. */
  token: string;
  note: EventNote | undefined;
}

/** One row for each that was amended, of entries in the order in which they were written; `usual`: the destination's primary key. */
export function amendedRows(
  entries: readonly StoredAudit[],
  usual: readonly string[] | undefined,
): AmendedRow[] {
  const rows = new Map<string, AmendedRow>();
  for (const { rows: changed, notes } of entries.toReversed()) {
    for (const [index, { table, key, old, new: now }] of changed.entries()) {
      const name = JSON.stringify([
        table,
        Object.entries(key).map(([column, cell]) => [column, String(cell)]),
      ]);
      const row = rows.get(name) ?? {
        table,
        key,
        columns: Object.create(null),
        ...eventOf(table, key, usual),
      };
      rows.set(name, row);
      row.note = earlier(row.note, notes?.[index]);
      for (const column of Object.keys(now)) {
        const links = row.columns[column] ?? [];
        row.columns[column] = links;
        chain(links, now[column], old[column]);
      }
    }
  }
  const all = [...rows.values()];
  for (const row of all)
    for (const { gone } of entries) row.note = earlier(row.note, fromStoredNote(gone?.[row.token]));
  return all;
}

/** One that does not say when it happened, happened when it arrived first. */
function earlier(one: EventNote | undefined, other: EventNote | undefined): EventNote | undefined {
  return one && other && other.at < one.at ? other : (one ?? other);
}

function eventOf(table: string, key: Cells, usual: readonly string[] | undefined) {
  const named = usual?.length === Object.keys(key).length ? [...usual] : Object.keys(key);
  const fields = named.every(field => isField(key, field)) ? named : Object.keys(key);
  const settings = { table, primaryKeyFields: fields, keyTag: keyTagOf(fields, usual) };
  const note: EventNote | undefined = undefined;
  return { fields, token: eventKey(key, '', settings), note };
}

function isField(event: Cells, field: string): boolean {
  return !field.startsWith('/') && Object.hasOwn(event, field);
}

/**
 * What a later amendment found there is what an earlier one wrote, or stood there first. Which of several processes was
 * the last to write is not known: whatever any of them wrote is set back.
 */
function chain(links: Link[], from: Cell | undefined, to: Cell | null = null): void {
  if (from === undefined) return;
  const later = links.find(link => link.to === from);
  if (later) later.to = to;
  else if (!links.some(link => link.from === from)) links.push({ from, to });
}

/** Rows as `restore` takes them, in turns: in each a column is set back from one of the values that were written. */
export function restoreTurns(rows: readonly AmendedRow[], version: bigint): RestoreRow[][] {
  const turns: RestoreRow[][] = [];
  for (const { table, key, columns } of rows) {
    const most = Math.max(0, ...Object.values(columns).map(links => links.length));
    for (let turn = 0; turn < most; turn++) {
      const some = Object.entries(columns).flatMap(([column, links]) => {
        const link = links[turn];
        return link ? [[column, link] as const] : [];
      });
      turns[turn] ??= [];
      turns[turn]?.push({ table, key, columns: cellsOf(some), version });
    }
  }
  return turns;
}

function cellsOf<T>(pairs: readonly (readonly [string, T])[]): Cells<T> {
  return Object.assign(Object.create(null), Object.fromEntries(pairs)) as Cells<T>;
}

/** How audit entries are stored: as JSON, rows that changed alike together, since those of a visitor nearly always do. */

import type { Cell, Cells } from '../../core/destinations.ts';
import type { EventNote, StoredNote } from '../event/event-note.ts';
import { fromStoredNote, toStoredNote } from '../event/event-note.ts';
import { isObject } from '../event/nodes.ts';
import { fieldsOf, isListOf, isText } from '../state/shapes.ts';

/** One row that was amended. */
export interface AuditRow {
  table: string;
  key: Cells;
  old: Cells<Cell | null>;
  new: Cells;
}

/** With what is known of its event; missing where only the event's key was read. */
export interface NotedRow extends AuditRow {
  note?: EventNote;
}

/** What one identifying event changed, or part of it. */
export interface AuditEntry {
  destination: string;
  by: string;
  /** RFC 3339. */
  at: string;
  rows: AuditRow[];
  /** Of the rows' events, in their order. */
  notes?: (EventNote | undefined)[];
  /** Of events that were taken out of the bucket, by their tokens. */
  gone?: Record<string, StoredNote>;
}

/** Rows of which each held `old` and holds `new`. */
interface Alike extends Omit<AuditRow, 'key'> {
  keys: Cells[];
  /** Of their events, in the order of the keys; missing: of none of them is there one. */
  notes?: StoredNote[];
}

/** An entry as it is stored. */
export interface StoredEntry extends Omit<AuditEntry, 'rows' | 'notes'> {
  rows: Alike[];
}

/** The JSON of an entry. */
export function encodeAudit({ rows, ...rest }: Omit<AuditEntry, 'rows'> & { rows: NotedRow[] }): string {
  return toJson({ ...rest, rows: groupsOf(rows) });
}

/** An entry out of its parsed JSON. */
export function decodeAudit({ rows, ...rest }: StoredEntry): AuditEntry {
  const notes = rows.flatMap(({ keys, notes }) => keys.map((_, at) => fromStoredNote(notes?.[at])));
  return {
    ...rest,
    ...(notes.some(Boolean) && { notes }),
    rows: rows.flatMap(({ table, keys, notes: _, ...change }) => {
      const old = revived(change.old);
      const now = revived(change.new);
      return keys.map(key => ({ table, key: revived(key), old, new: now }));
    }),
  };
}

/** JSON has no integers beyond 2^53. They are rare, and looking at every value for them is slow. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, (_, cell) => (typeof cell === 'bigint' ? { bigint: String(cell) } : cell));
  }
}

function groupsOf(rows: readonly NotedRow[]): Alike[] {
  const groups: Alike[] = [];
  let last: Alike | undefined;
  for (const row of rows) {
    if (!last || !isAlike(last, row)) {
      const { table, old, new: now, note } = row;
      last = { table, old, new: now, keys: [], ...(note && { notes: [] }) };
      groups.push(last);
    }
    last.keys.push(row.key);
    if (row.note) last.notes?.push(toStoredNote(row.note));
  }
  return groups;
}

function isAlike(a: Alike, b: NotedRow): boolean {
  if (a.table !== b.table || (a.notes === undefined) !== (b.note === undefined)) return false;
  const isSame = a.old === b.old && a.new === b.new;
  return isSame || toJson([a.old, a.new]) === toJson([b.old, b.new]);
}

function revived<T extends Cell | null>(cells: Cells<T>): Cells<T> {
  const all = Object.entries(cells).map(([column, cell]) => {
    const big = typeof cell === 'object' && cell !== null ? (cell as { bigint: string }).bigint : undefined;
    return [column, big === undefined ? cell : BigInt(big)] as const;
  });
  return Object.assign(Object.create(null), Object.fromEntries(all)) as Cells<T>;
}

/** Whether a stored value is an entry. */
export function isAudit(value: unknown): value is StoredEntry {
  const { destination, by, at, rows, gone } = fieldsOf(value);
  return (
    [destination, by, at].every(isText) &&
    isListOf(rows, isStoredRows) &&
    (gone === undefined || (isObject(gone) && Object.values(gone).every(Array.isArray)))
  );
}

function isStoredRows(value: unknown): boolean {
  const { table, keys, old, new: now } = fieldsOf(value);
  return isText(table) && isListOf(keys, isObject) && isObject(old) && isObject(now);
}

/** How audit entries are stored: as JSON, rows that changed alike together, since those of a visitor nearly always do. */
import type { Cell, Cells } from '../core/destinations.ts';

/** One row that was amended. */
export interface AuditRow {
  table: string;
  key: Cells;
  old: Cells<Cell | null>;
  new: Cells;
}

/** What one identifying event changed, or part of it. */
export interface AuditEntry {
  destination: string;
  by: string;
  /** RFC 3339. */
  at: string;
  rows: AuditRow[];
}

/** Rows of which each held `old` and holds `new`. */
interface Alike extends Omit<AuditRow, 'key'> {
  keys: Cells[];
}

/** An entry as it is stored. */
export interface StoredEntry extends Omit<AuditEntry, 'rows'> {
  rows: Alike[];
}

/** The JSON of an entry. */
export function encodeAudit({ rows, ...rest }: AuditEntry): string {
  return toJson({ ...rest, rows: groupsOf(rows) });
}

/** An entry out of its parsed JSON. */
export function decodeAudit({ rows, ...rest }: StoredEntry): AuditEntry {
  return {
    ...rest,
    rows: rows.flatMap(({ table, keys, ...change }) => {
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

function groupsOf(rows: readonly AuditRow[]): Alike[] {
  const groups: Alike[] = [];
  let last: Alike | undefined;
  for (const row of rows) {
    if (!last || !isAlike(last, row)) {
      const { key, ...change } = row;
      last = { ...change, keys: [] };
      groups.push(last);
    }
    last.keys.push(row.key);
  }
  return groups;
}

function isAlike(a: Omit<AuditRow, 'key'>, b: Omit<AuditRow, 'key'>): boolean {
  if (a.table !== b.table) return false;
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

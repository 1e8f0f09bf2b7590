import { isRawJson } from './json-text.ts';

/** One line of a JSON tree. */
export interface JsonRow {
  /** JSON pointer; the root's is empty. */
  path: string;
  depth: number;
  /** Property name or index; undefined for the root. */
  name: string | undefined;
  value: unknown;
  /** How many values are inside; undefined for what has no inside. */
  size: number | undefined;
  open: boolean;
}

/** Lines of what is open, in order. `closed` says of each list and object whether it is closed. */
export function jsonRows(root: unknown, closed: (path: string, depth: number) => boolean): JsonRow[] {
  const rows: JsonRow[] = [];
  // A stack of its own: values may be nested deeper than calls may be.
  const todo: Omit<JsonRow, 'size' | 'open'>[] = [{ path: '', depth: 0, name: undefined, value: root }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const inside = entriesOf(next.value);
    const open = inside !== undefined && !closed(next.path, next.depth);
    rows.push({ ...next, size: inside?.length, open });
    if (!open || !inside) continue;
    for (let index = inside.length - 1; index >= 0; index--) {
      const [name, value] = inside[index] ?? ['', undefined];
      const path = `${next.path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      todo.push({ path, depth: next.depth + 1, name, value });
    }
  }
  return rows;
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || isRawJson(value)) return undefined;
  return Object.entries(value);
}

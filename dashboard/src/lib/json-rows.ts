import { pointerTo } from '../../../contract/pointer.ts';
import { entriesOf } from './ordered-json.ts';

/** One line of a JSON tree. */
export interface JsonRow {
  /** JSON pointer; the root's is empty. Of a name that is there several times the later ones have a `#2` behind it. */
  path: string;
  depth: number;
  /** Property name or index; undefined for the root. */
  name: string | undefined;
  value: unknown;
  /** How many values are inside; undefined for what has no inside. */
  size: number | undefined;
  open: boolean;
  /** The object has another value of this name further down, which is the one that most programs take. */
  overridden: boolean;
}

/** Lines of what is open, in order. `closed` says of each list and object whether it is closed. */
export function jsonRows(root: unknown, closed: (path: string, depth: number) => boolean): JsonRow[] {
  const rows: JsonRow[] = [];
  // A stack of its own: values may be nested deeper than calls may be.
  const todo: Omit<JsonRow, 'size' | 'open'>[] = [
    { path: '', depth: 0, name: undefined, value: root, overridden: false },
  ];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const inside = entriesOf(next.value);
    const open = inside !== undefined && !closed(next.path, next.depth);
    rows.push({ ...next, size: inside?.length, open });
    if (open && inside) todo.push(...children(next, inside).reverse());
  }
  return rows;
}

function children({ path, depth }: { path: string; depth: number }, inside: [string, unknown][]) {
  const left = new Map<string, number>();
  for (const [name] of inside) left.set(name, (left.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return inside.map(([name, value]) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const at = pointerTo(path, name);
    return {
      path: times === 1 ? at : `${at}#${times}`,
      depth: depth + 1,
      name,
      value,
      overridden: times < (left.get(name) ?? 1),
    };
  });
}

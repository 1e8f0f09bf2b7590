import { pointerTo } from '../../../contract/pointer.ts';
import { entriesOf } from './ordered-json.ts';

/** One line of a JSON tree. */
export interface JsonRow {
  /** JSON pointer; the root's is empty. Of a name that is there several times the later ones have a `#2` behind it. */
  id: string;
  depth: number;
  /** Property name or index; undefined for the root. */
  name: string | undefined;
  value: unknown;
  /** How many values are inside; undefined for what has no inside. */
  size: number | undefined;
  /** Undefined: it has no inside. */
  open: boolean | undefined;
  /** The object has another value of this name further down, which is the one that most programs take. */
  overridden: boolean;
}

/** Lines of what is open, in order. `closed` says of each list and object whether it is closed. */
export function jsonRows(root: unknown, closed: (id: string, depth: number) => boolean): JsonRow[] {
  const rows: JsonRow[] = [];
  // A stack of its own: values may be nested deeper than calls may be.
  const todo: Omit<JsonRow, 'size' | 'open'>[] = [
    { id: '', depth: 0, name: undefined, value: root, overridden: false },
  ];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const inside = entriesOf(next.value);
    const open = inside && !closed(next.id, next.depth);
    rows.push({ ...next, size: inside?.length, open });
    if (open && inside) todo.push(...children(next, inside).reverse());
  }
  return rows;
}

function children({ id, depth }: { id: string; depth: number }, inside: [string, unknown][]) {
  const left = new Map<string, number>();
  for (const [name] of inside) left.set(name, (left.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return inside.map(([name, value]) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const at = pointerTo(id, name);
    return {
      id: times === 1 ? at : `${at}#${times}`,
      depth: depth + 1,
      name,
      value,
      overridden: times < (left.get(name) ?? 1),
    };
  });
}

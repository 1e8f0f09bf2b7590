/** How a path of an event becomes the name of a column. */

/** Keys joined with `_`, lowercased, every character outside `[a-z0-9_]` as `_`; never empty. */
export function columnOfPath(path: readonly string[]): string {
  return named(path.reduce<string | undefined>(columnUnder, undefined) ?? '');
}

/** The column a primary key field means: a column's name, or a path such as `/user/id`. */
export function columnOfField(field: string): string {
  return field.startsWith('/') ? columnOfPath(field.slice(1).split('/')) : sanitize(field);
}

/** Events repeat their keys, so that their names are worked out once. */
const known = new Map<string | undefined, Map<string, string>>();
const MOST_KNOWN = 5_000;
const LONGEST_KNOWN = 200;
let count = 0;

/** The column of a key under a parent's column; at the root the parent is undefined. */
export function columnUnder(parent: string | undefined, key: string): string {
  const found = known.get(parent)?.get(key);
  if (found !== undefined) return found;
  const name = sanitizePart(key);
  const column = parent === undefined ? name : `${parent}_${name}`;
  if (column.length <= LONGEST_KNOWN) remember(parent, key, column);
  return column;
}

function remember(parent: string | undefined, key: string, column: string): void {
  // Keys that never come again must not fill the memory.
  if (count++ >= MOST_KNOWN) {
    known.clear();
    count = 0;
  }
  const siblings = known.get(parent);
  if (siblings) siblings.set(key, column);
  else known.set(parent, new Map([[key, column]]));
}

/** An event's empty key at the root would be a column without a name. */
export function named(column: string): string {
  return column === '' ? '_' : column;
}

function sanitize(text: string): string {
  return named(sanitizePart(text));
}

function sanitizePart(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9_]/gu, '_');
}

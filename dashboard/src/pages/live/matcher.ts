import type { Change } from '../../api/change.ts';
import type { Row } from './feed.ts';

/** What is shown of the changes that came. */
export interface Wanted {
  /** Text that key or value contain, whatever the case. Empty: any. */
  text: string;
  /** Operations that are left out. */
  hidden: ReadonlySet<Change['operation']>;
}

/** Makes the choice. Each row is looked at once, however often the list is shown again. */
export function createMatcher({ text, hidden }: Wanted): (rows: readonly Row[]) => readonly Row[] {
  const known = new WeakMap<Row, boolean>();
  const search = text.toLowerCase();
  if (search === '' && hidden.size === 0) return rows => rows;
  return rows => rows.filter(fits);

  function fits(row: Row): boolean {
    const before = known.get(row);
    if (before !== undefined) return before;
    const found =
      !hidden.has(row.operation) &&
      (search === '' ||
        row.key.toLowerCase().includes(search) ||
        (row.value?.toLowerCase().includes(search) ?? false));
    known.set(row, found);
    return found;
  }
}

import type { Row } from './feed.ts';

/** The last change of a key, with those before it that are kept. */
export interface Folded extends Row {
  /** Changes of the key that are kept, this one among them. */
  times: number;
  /** The change before this one, where it is kept. */
  before?: Row;
}

/** One row for each key, the one that changed last first. Takes and gives the newest first. */
export function foldByKey(rows: readonly Row[]): Folded[] {
  const byBucket = new Map<string, Map<string, Folded>>();
  const folded: Folded[] = [];
  for (const row of rows) {
    const keys = byBucket.get(row.bucket) ?? new Map<string, Folded>();
    byBucket.set(row.bucket, keys);
    const newest = keys.get(row.key);
    if (newest) {
      newest.times += 1;
      newest.before ??= row;
      continue;
    }
    const first = { ...row, times: 1 };
    keys.set(row.key, first);
    folded.push(first);
  }
  return folded;
}

import type { WatchRange } from '../../api/change.ts';

/** Where watching begins. */
export type Start = NonNullable<WatchRange['start']>;

/** What is watched, as the address has it. */
export interface Range {
  /** A bucket, `*` for all of them, or a pattern such as `team-*`; empty: none chosen yet. */
  bucket: string;
  filter: string;
  start: Start;
  /** JavaScript that says which changes are shown; empty: all. */
  when: string;
}

/** What stands for all buckets, and for any part of a name. */
export const ANY = '*';

/** True for a name that stands for several buckets. */
export function namesMany(bucket: string): boolean {
  return bucket.includes(ANY);
}

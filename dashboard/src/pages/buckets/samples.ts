import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { createStore } from '../../lib/store.ts';

/** What all buckets held at a time. */
export interface Sample {
  at: number;
  keys: number;
  bytes: number;
}

const KEPT_MS = 10 * 60_000;

/** What was seen in the last minutes, oldest first; kept when the page is left. */
export const samples = createStore<readonly Sample[]>([]);

/** Remembers what a list of buckets said. `at` is when it was answered. */
export function remember(buckets: readonly BucketInfo[], at: number): void {
  const before = samples.get();
  if (before.some(sample => sample.at >= at)) return;
  const now = { at, ...totalsOf(buckets) };
  samples.set([...before.filter(sample => sample.at > at - KEPT_MS), now]);
}

/** Keys and bytes of all these buckets. */
export function totalsOf(buckets: readonly BucketInfo[]): { keys: number; bytes: number } {
  return {
    keys: buckets.reduce((sum, { values }) => sum + values, 0),
    bytes: buckets.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

import { useBucketRefusal } from '../api/access.ts';
import { useInvoke } from '../api/use-invoke.ts';

const EVERY_MS = 4_000;

/** Whether what is in a bucket can be asked for. */
export interface BucketState {
  /** It is there, or nobody can tell, as for an API key that may not list buckets. */
  readable: boolean;
  /** There is none; it is looked for again. */
  missing: boolean;
  /** Why this API key may not look, which says nothing of what is there. */
  refused: string | undefined;
}

/** Looks for a bucket that kvflow makes when it is first needed, so that nothing is asked of it before. */
export function useBucketState(bucket: string): BucketState {
  const refused = useBucketRefusal(bucket);
  const { data, error } = useInvoke('kv-bucket-list', {});
  // A list holds what the key may use: a bucket that it may not use is missing there, whether or not there is one.
  const there = refused ? undefined : data?.buckets.some(info => info.bucket === bucket);
  useInvoke('kv-bucket-list', {}, { everyMs: EVERY_MS, enabled: there === false });
  return { readable: refused === undefined && (there ?? error !== null), missing: there === false, refused };
}

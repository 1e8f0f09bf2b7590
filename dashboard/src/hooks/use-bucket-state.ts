import { useInvoke } from '../api/use-invoke.ts';

const EVERY_MS = 4_000;

/** Whether what is in a bucket can be asked for. */
export interface BucketState {
  /** It is there, or nobody can tell, as for an API key that may not list buckets. */
  readable: boolean;
  /** There is none; it is looked for again. */
  missing: boolean;
}

/** Looks for a bucket that kvflow makes when it is first needed, so that nothing is asked of it before. */
export function useBucketState(bucket: string): BucketState {
  const { data, error } = useInvoke('kv-bucket-list', {});
  const there = data?.buckets.some(info => info.bucket === bucket);
  useInvoke('kv-bucket-list', {}, { everyMs: EVERY_MS, enabled: there === false });
  return { readable: there ?? error !== null, missing: there === false };
}

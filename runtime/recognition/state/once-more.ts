import { PackError } from '../../../contract/errors.ts';
import type { StateBuckets } from './buckets.ts';

/** What others may have made of a bucket of ours: deleted it, or changed what it takes. */
const OTHERS_DOING: readonly string[] = [
  'BUCKET_NOT_FOUND',
  'VALUE_TOO_LARGE',
  'BUCKET_FULL',
  'INVALID_INPUT',
];

/**
 * Does work, and once more where a bucket was deleted or changed while we knew of it: `ready` makes or mends it when it is asked
 * for again, which the work does itself.
 */
export async function onceMore<T>(buckets: StateBuckets, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackError && OTHERS_DOING.includes(error.code))) throw error;
    buckets.forget();
    return await work();
  }
}

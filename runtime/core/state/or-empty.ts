import { PackError } from '../../../contract/errors.ts';
import type { KvStore } from '../ports/kv-store.ts';

/** What looks at keys and values without writing any. */
type Looking = Pick<KvStore, 'keys' | 'get' | 'getMany' | 'newestChanges' | 'erase'>;

/**
 * The same store, for which a bucket that is not there is one without keys: so it is where nothing was ever kept, and where
 * somebody deletes the bucket between two steps of a call. For what only looks, or takes out; who writes is still told
 * BUCKET_NOT_FOUND.
 */
export function orEmpty<Store extends Looking>(kv: Store): Store {
  const looking: Looking = {
    keys: async (call, bucket, filter) => await unlessGone(kv.keys(call, bucket, filter), []),
    get: async (call, read) => await unlessGone(kv.get(call, read), undefined),
    getMany: async (call, bucket, keys) =>
      await unlessGone(
        kv.getMany(call, bucket, keys),
        keys.map(() => undefined),
      ),
    newestChanges: async (call, range) =>
      await unlessGone(kv.newestChanges(call, range), { changes: [], before: 0, hasMore: false }),
    erase: async (call, what) => await unlessGone(kv.erase(call, what), false),
  };
  return { ...kv, ...looking };
}

async function unlessGone<T>(reading: Promise<T>, empty: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PackError && error.code === 'BUCKET_NOT_FOUND') return empty;
    throw error;
  }
}

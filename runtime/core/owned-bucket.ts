import { PackError } from '../../contract/errors.ts';
import type { Call } from './define-function.ts';
import type { BucketOptions, KvStore } from './ports.ts';

/**
 * Makes a bucket of kvflow's own where it is missing. One that is there may have been made with replicas or limits by
 * its owner, which stay; if it was made before there were transactions, they are turned on where the server has them.
 * Throws BUCKET_EXISTS when it has other options than `options`, so that the caller may look whether it can be used.
 */
export async function ensureOwnedBucket(kv: KvStore, call: Call, bucket: string, options: BucketOptions) {
  try {
    const made = await kv.createBucket(call, bucket, options);
    if (!made.created && made.info.transactions === false) await turnOn(kv, call, bucket);
    return made;
  } catch (error) {
    if (error instanceof PackError && error.code === 'BUCKET_EXISTS') await turnOn(kv, call, bucket);
    throw error;
  }
}

/** Not on a server that is too old, nor on a mirror, nor by somebody who may not: what needs it says so. */
async function turnOn(kv: KvStore, call: Call, bucket: string): Promise<void> {
  const { transactions, mirror } = await kv.bucketInfo(call, bucket);
  if (transactions || mirror) return;
  await kv.updateBucket(call, bucket, { transactions: true }).catch(() => undefined);
}

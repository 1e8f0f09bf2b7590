import { createHash, randomUUID } from 'node:crypto';
import { PackError } from '../../../contract/errors.ts';
import { LOCKS_BUCKET, OWN_BUCKETS } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { HeldLock, LockCaller } from '../../core/lock.ts';
import { acquire, release } from '../../core/lock.ts';
import type { BucketStore, OwnedBucket } from '../../core/state/owned-bucket.ts';
import { ownedBucket } from '../../core/state/owned-bucket.ts';

/** What of the key-value store a lock needs. */
export type LockStore = BucketStore & LockCaller['kv'];

/** Runs work that one process at a time may do. */
export type Locked = <T>(call: Call, names: readonly string[], work: () => Promise<T>) => Promise<T>;

const TTL_NS = 30_000_000_000;

/**
 * Locks kept in KV, named by `names` (a destination and a table). A lock that its owner did not release, having been
 * killed, ends by itself after 30 s; what is done under it must therefore do no harm when it is done twice.
 */
export function createLocked(kv: LockStore): Locked {
  const bucket = ownedBucket(kv, { name: LOCKS_BUCKET, ...OWN_BUCKETS[LOCKS_BUCKET] });
  return async (call, names, work) => {
    const key = `table.${createHash('sha256').update(JSON.stringify(names)).digest('hex')}`;
    const { fence } = await take({ kv, bucket }, call, { key, names });
    try {
      return await work();
    } finally {
      // The work is done, or has failed with an error of its own: a lock that stays ends by its ttl.
      const within = { deadline: Math.max(call.deadline, Date.now() + 1_000), kv };
      await release(within, { bucket: LOCKS_BUCKET, key, fence }).catch(() => undefined);
    }
  };
}

async function take(
  { kv, bucket }: { kv: LockStore; bucket: OwnedBucket },
  call: Call,
  { key, names }: { key: string; names: readonly string[] },
): Promise<HeldLock> {
  const request = { bucket: LOCKS_BUCKET, name: key, holder: randomUUID(), ttl: TTL_NS, limit: 1 };
  do {
    const taken = await bucket
      .use(call, () => acquire({ ...call, kv }, request, call.deadline))
      .catch(unlessTimeout);
    if (Array.isArray(taken)) break;
    if (taken) return taken;
    // TIMEOUT with time left: whether it was stored can no longer be told; asked again, the key tells whose it is.
  } while (Date.now() < call.deadline);
  throw new PackError('TIMEOUT', `another kvflow is still defining ${names.join(', ')}: try again`, {
    retryable: true,
  });
}

/** A write that was not answered in time: as where it is busy. */
function unlessTimeout(error: unknown): undefined {
  if (!(error instanceof PackError && error.code === 'TIMEOUT')) throw error;
}

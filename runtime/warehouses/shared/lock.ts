import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../../contract/errors.ts';
import { LOCKS_BUCKET, OWN_BUCKETS } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports.ts';
import { isEntry } from '../../core/ports.ts';
import type { BucketStore, OwnedBucket } from '../../core/state/owned-bucket.ts';
import { ownedBucket } from '../../core/state/owned-bucket.ts';

/** What of the key-value store a lock needs. */
export type LockStore = BucketStore & Pick<KvStore, 'put' | 'get' | 'remove'>;

/** Runs work that one process at a time may do. */
export type Locked = <T>(call: Call, names: readonly string[], work: () => Promise<T>) => Promise<T>;

const TTL_NS = 30_000_000_000;
const WAIT_MS = { least: 15, most: 250 };

/**
 * Locks kept in KV, named by `names` (a destination and a table). A lock that its owner did not release, having been
 * killed, ends by itself after 30 s; what is done under it must therefore do no harm when it is done twice.
 */
export function createLocked(kv: LockStore): Locked {
  const bucket = ownedBucket(kv, { name: LOCKS_BUCKET, ...OWN_BUCKETS[LOCKS_BUCKET] });
  return async (call, names, work) => {
    const key = `table.${createHash('sha256').update(JSON.stringify(names)).digest('hex')}`;
    const revision = await acquire({ kv, bucket }, call, key, names);
    try {
      return await work();
    } finally {
      await release(kv, call, key, revision);
    }
  };
}

interface Store {
  kv: LockStore;
  bucket: OwnedBucket;
}

async function acquire(store: Store, call: Call, key: string, names: readonly string[]): Promise<number> {
  const owner = randomUUID();
  for (let wait = WAIT_MS.least; ; wait = Math.min(wait * 2, WAIT_MS.most)) {
    const revision = await take(store, call, key, owner);
    if (revision !== undefined) return revision;
    const delay = wait * (0.5 + Math.random());
    if (Date.now() + delay >= call.deadline) {
      throw new PackError('TIMEOUT', `another kvflow is still defining ${names.join(', ')}: try again`, {
        retryable: true,
      });
    }
    await sleep(delay);
  }
}

/** The lock's revision, or undefined where another has it. */
async function take(
  { kv, bucket }: Store,
  call: Call,
  key: string,
  owner: string,
): Promise<number | undefined> {
  const write = { bucket: LOCKS_BUCKET, key, value: owner, ttl: TTL_NS, expectedRevision: 0 };
  try {
    return await bucket.use(call, async () => (await kv.put(call, write)).revision);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    // TIMEOUT with time left: whether it was stored can no longer be told, and the key tells whose it is.
    const isUnknown = error.code === 'TIMEOUT' && Date.now() < call.deadline;
    if (error.code !== 'REVISION_CONFLICT' && !isUnknown) throw error;
    // An answer that was lost may have been a success: then the owner is this very attempt.
    const found = await kv.get(call, { bucket: LOCKS_BUCKET, key });
    return isEntry(found) && new TextDecoder().decode(found.value) === owner ? found.revision : undefined;
  }
}

async function release(kv: LockStore, call: Call, key: string, revision: number): Promise<void> {
  // The work is done, or has failed with an error of its own: a lock that stays ends by its ttl.
  const within: Call = { deadline: Math.max(call.deadline, Date.now() + 1_000) };
  const removal = { bucket: LOCKS_BUCKET, key, operation: 'purge', expectedRevision: revision } as const;
  await kv.remove(within, removal).catch(() => undefined);
}

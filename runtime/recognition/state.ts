/** The buckets of recognition: made where they are missing, mended, and written to. */

import { PackError } from '../../contract/errors.ts';
import {
  AUDIT_BUCKET,
  DEAD_BUCKET,
  EVENTS_BUCKET,
  EVENTS_STATE,
  LOCKS_BUCKET,
  OWN_BUCKETS,
  PENDING_BUCKET,
} from '../../contract/own-buckets.ts';
import type { Call } from '../core/call.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { KvTransactPut } from '../core/ports/transactions.ts';
import type { OwnedBucket } from '../core/state/owned-bucket.ts';
import { ownedBucket } from '../core/state/owned-bucket.ts';
import { isTooLarge } from '../core/state/pack.ts';
import type { ReadSettings } from './settings.ts';
import { windowOf } from './settings.ts';

/** What needs a NATS that stores several keys in one commit, as messages name it. */
export const RECOGNITION = 'identify';

/** The buckets of recognition, made where they are missing. */
export interface StateBuckets {
  /** When the bucket was created (RFC 3339). Asks once; its owner may have made it with replicas or limits of their own. */
  ready(call: Call, bucket: string): Promise<string>;
  /** Somebody deleted or changed it: the next call makes it again. */
  forget(): void;
  /** What was written did not fit: somebody may have made the bucket smaller, and then it is mended. */
  mend(call: Call, bucket: string): Promise<void>;
}

/** Makes the guard of one store's buckets. */
export function createStateBuckets(kv: KvStore): StateBuckets {
  const known = new Map<string, OwnedBucket>();
  const ready: StateBuckets['ready'] = (call, bucket) => guardOf(bucket).ready(call);
  return { ready, forget: () => known.clear(), mend };

  async function mend(call: Call, bucket: string): Promise<void> {
    known.delete(bucket);
    await ready(call, bucket);
  }

  function guardOf(name: string): OwnedBucket {
    const guard = known.get(name) ?? ownedBucket(kv, { name, ...stateOf(name) });
    known.set(name, guard);
    return guard;
  }
}

/** Callers may name the bucket of events, no other. */
function stateOf(name: string) {
  if (name === PENDING_BUCKET || name === AUDIT_BUCKET || name === LOCKS_BUCKET || name === DEAD_BUCKET)
    return OWN_BUCKETS[name];
  return { ...EVENTS_STATE, pointer: '/bucket', isOurs: name === EVENTS_BUCKET };
}

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

/** Writes again what did not fit. Throws what the last write threw. */
export type Fitting = <T>(write: () => Promise<T>) => Promise<T>;

/**
 * Of a call: somebody may have made the bucket too small, so it is looked at and mended when the first value does not fit. That
 * is done once: what does not fit a bucket that was looked at really is too large.
 */
export function createFitting(mend: () => Promise<void>): Fitting {
  let mending: Promise<void> | undefined;
  let isMended = false;
  return async write => {
    const wasMended = isMended;
    try {
      return await write();
    } catch (error) {
      if (!isTooLarge(error) || wasMended) throw error;
      mending ??= mend().then(() => {
        isMended = true;
      });
      await mending;
      return await write();
    }
  };
}

/**
 * Puts values into the bucket of events, for its window, in as few commits as there can be. Answers the revision of each,
 * or why it alone was refused: REVISION_CONFLICT where its key is at another revision than expected, VALUE_TOO_LARGE. Throws
 * whatever else one of them failed with; what is put twice must do no harm.
 */
export async function putAll(
  ctx: { kv: KvStore; call: Call; settings: ReadSettings },
  puts: readonly Pick<KvTransactPut, 'key' | 'value' | 'expectedRevision'>[],
): Promise<(number | PackError)[]> {
  if (puts.length === 0) return [];
  const ttl = windowOf(ctx.settings);
  const all = puts.map(put => ({ ...put, ttl }));
  return (await ctx.kv.putMany(ctx.call, ctx.settings.bucket, all)).map(answer => {
    if (!(answer instanceof PackError)) return answer.revision;
    if (answer.code !== 'REVISION_CONFLICT' && answer.code !== 'VALUE_TOO_LARGE') throw answer;
    return answer;
  });
}

/** Puts values into any bucket, in as few commits as there can be. Throws what one of them was refused for; the others are there then. */
export async function putEach(
  kv: KvStore,
  call: Call,
  { bucket, puts }: { bucket: string; puts: readonly KvTransactPut[] },
): Promise<void> {
  if (puts.length === 0) return;
  const refused = (await kv.putMany(call, bucket, puts)).find(answer => answer instanceof PackError);
  if (refused) throw refused;
}

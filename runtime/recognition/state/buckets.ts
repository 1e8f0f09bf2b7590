import {
  AUDIT_BUCKET,
  DEAD_BUCKET,
  EVENTS_BUCKET,
  EVENTS_STATE,
  LOCKS_BUCKET,
  OWN_BUCKETS,
  PENDING_BUCKET,
} from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { OwnedBucket } from '../../core/state/owned-bucket.ts';
import { ownedBucket } from '../../core/state/owned-bucket.ts';

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

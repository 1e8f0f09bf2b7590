import { invalidField, PackError } from '../../contract/errors.ts';
import type { Call } from '../core/define-function.ts';
import { ensureOwnedBucket } from '../core/owned-bucket.ts';
import type { KvStore } from '../core/ports.ts';
import { AUDIT_BUCKET, LOCKS_BUCKET, PENDING_BUCKET } from './keys.ts';

const DESCRIPTIONS: Record<string, string> = {
  [PENDING_BUCKET]: 'Calls of identify that are still to be finished',
  [AUDIT_BUCKET]: 'What identify amended, for identify-undo',
  [LOCKS_BUCKET]: 'Who finishes which call of identify, and who defines a table',
};

/** The buckets of recognition, made where they are missing. */
export interface StateBuckets {
  /** When the bucket was created (RFC 3339). Asks once; its owner may have made it with replicas or limits of their own. */
  ready(call: Call, bucket: string): Promise<string>;
  /** Somebody deleted it: the next call makes it again. */
  forget(): void;
}

/** Makes the guard of one store's buckets. */
export function createStateBuckets(kv: KvStore): StateBuckets {
  const known = new Map<string, Promise<string>>();
  return { ready, forget: () => known.clear() };

  function ready(call: Call, bucket: string): Promise<string> {
    let making = known.get(bucket);
    if (!making) {
      making = make(call, bucket);
      known.set(bucket, making);
      making.catch(() => known.delete(bucket));
    }
    return making;
  }

  async function make(call: Call, bucket: string): Promise<string> {
    const description = DESCRIPTIONS[bucket] ?? 'Anonymous events and who the visitors are (identify)';
    try {
      const { info } = await ensureOwnedBucket(kv, call, bucket, {
        description,
        history: 1,
        key_ttl: true,
      });
      return info.created_at;
    } catch (error) {
      if (!(error instanceof PackError && error.code === 'BUCKET_EXISTS')) throw error;
      return await usable(call, bucket);
    }
  }

  async function usable(call: Call, bucket: string): Promise<string> {
    const { history, key_ttl, key_encoding, created_at } = await kv.bucketInfo(call, bucket);
    if (history === 1 && key_ttl && key_encoding === 'none') return created_at;
    throw invalidField(
      '/bucket',
      `Bucket "${bucket}" cannot hold the state of recognition: it needs history: 1, key_ttl: true and no key_encoding. Name another, or leave it to be created.`,
    );
  }
}

import { invalidField } from '../../contract/errors.ts';
import type { BucketInfo } from '../../contract/types.gen.ts';
import type { KvEntry } from './ports/items.ts';

const NS_PER_MS = 1_000_000;

/**
 * What is left of an item's time, in nanoseconds, and its end, for its copy in another bucket; empty: none of its own. That its bucket ends
 * every item is the bucket's way, which a copy leaves. Throws INVALID_INPUT where a time of its own would be lost.
 * @param now the server's clock, in milliseconds since 1970.
 */
export function timeLeft(
  { key, createdAt, expiresAt }: KvEntry,
  { source, target, now }: { source: BucketInfo; target: BucketInfo; now: number },
): { ttl?: number; endsAt?: number } {
  if (!expiresAt) return {};
  const end = Date.parse(expiresAt);
  if (target.key_ttl) return { ttl: Math.max(1, (end - now) * NS_PER_MS), endsAt: end };
  const life = (end - Date.parse(createdAt)) * NS_PER_MS;
  // Both times are cut to the millisecond.
  if (source.ttl > 0 && life > source.ttl - 2 * NS_PER_MS) return {};
  const { bucket } = target;
  throw invalidField(
    '/to_bucket',
    `key "${key}" ends at ${expiresAt}, and bucket "${bucket}" does not allow a ttl per key; allow it with kv-bucket-update {"bucket": "${bucket}", "key_ttl": true}`,
  );
}

/** How long an imported item is still to live. `clock` is the server's clock minus ours, in milliseconds: the server ends items. */
import type { BucketInfo, ImportRecord } from '../../contract/types.gen.ts';

type Times = Pick<ImportRecord, 'ttl' | 'expires_at'>;

const NS_PER_MS = 1_000_000;

/** Nanoseconds it is still to live; undefined: no ttl of its own. */
function ttlOf({ ttl, expires_at }: Times, clock: number): number | undefined {
  return expires_at === undefined ? ttl : (Date.parse(expires_at) - Date.now() - clock) * NS_PER_MS;
}

/** What a put says of its time. */
export function timesOf(record: Times, clock: number): { ttl?: number; ttlAt?: number; endsAt?: number } {
  const ttl = ttlOf(record, clock);
  if (ttl === undefined) return {};
  const { expires_at } = record;
  return {
    ttl,
    ttlAt: performance.now(),
    ...(expires_at !== undefined && { endsAt: Date.parse(expires_at) }),
  };
}

/** Whether its time is over. */
export function isExpired({ expires_at }: Times, clock: number): boolean {
  return expires_at !== undefined && Date.parse(expires_at) <= Date.now() + clock;
}

/** Whether an item that only had its bucket's ttl comes into a bucket that has one too and allows no other. */
export function renews(target: BucketInfo | undefined, { ttl, expires_at }: Times): boolean {
  if (!target) return false;
  const exact = target.key_ttl && target.history === 1;
  return expires_at !== undefined && ttl === undefined && target.ttl > 0 && !exact;
}

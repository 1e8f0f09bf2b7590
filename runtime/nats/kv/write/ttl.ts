import { invalidField } from '../../../../contract/errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { MARKER_TTL } from '../bucket/marker-ttl.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { endGiven, giveEnd } from '../headers/ends.ts';
import { endMarkerHeaders } from '../headers/markers.ts';
import type { Outgoing } from './outgoing.ts';

/** The server keeps times as nanoseconds since 1970 in 63 bits, up to 2262; a day less for clocks that differ. */
const LAST_END_MS = 2 ** 63 / 1e6 - 86_400_000;

/** By so much two looks at the same clock may differ. */
const LOOKS_DIFFER_MS = 5;

/** A ttl of its own for one item: honoured exactly, or refused with the way to have it. */
export function checkTtl({ bucket, origin: { config } }: BucketHandle, ttl: number, pointer = '/ttl'): void {
  if (!config.allow_msg_ttl) {
    throw invalidField(
      pointer,
      `bucket "${bucket}" does not allow a ttl per key; allow it with kv-bucket-update {"bucket": "${bucket}", "key_ttl": true}`,
    );
  }
  if (config.max_msgs_per_subject !== 1 && !config.allow_atomic) {
    throw invalidField(
      pointer,
      `bucket "${bucket}" keeps a history of ${config.max_msgs_per_subject}, and the value before would come back when this one expires; allow it with kv-bucket-update {"bucket": "${bucket}", "transactions": true} (nats-server 2.12), or use a bucket with history: 1`,
    );
  }
  const kept = config.subject_delete_marker_ttl ?? 0;
  if (config.max_msgs_per_subject !== 1 && kept > MARKER_TTL && ttl < kept) {
    throw invalidField(
      pointer,
      `is shorter than marker_ttl of bucket "${bucket}" (${kept}), and the server would keep the value that long in a bucket with history; give a longer ttl, a shorter marker_ttl with kv-bucket-update, or use a bucket with history: 1`,
    );
  }
  if (Date.now() + ttl / 1e6 > LAST_END_MS) {
    throw invalidField(
      pointer,
      `would end past ${new Date(LAST_END_MS).toISOString().slice(0, 10)}, the last day a server knows; leave it out for an item that does not end`,
    );
  }
  const most = config.max_age ?? 0;
  if (most > 0 && ttl > most) {
    throw invalidField(
      pointer,
      `is longer than the ttl of bucket "${bucket}" (${most}), which ends every item`,
    );
  }
}

/** A put with its end, where it is known when its ttl began: what comes before it is sent makes its life no longer. */
export function withEnd<Put extends { ttl?: number; ttlAt?: number; endsAt?: number }>(
  handle: BucketHandle,
  put: Put,
): Put & { endsAt?: number } {
  const { ttl, ttlAt, endsAt } = put;
  if (ttl === undefined || ttlAt === undefined) return put;
  const end = Math.round(serverNow(handle) + ttl / 1e6 - (performance.now() - ttlAt));
  const isSame = endsAt !== undefined && Math.abs(end - endsAt) <= LOOKS_DIFFER_MS;
  return { ...put, endsAt: isSame ? endsAt : end };
}

/**
 * The delete marker that is stored right before a value with a ttl, in the same commit, where the bucket keeps history:
 * when the server takes the value away the marker is the key's last message, and no older value comes back. Undefined
 * where none is needed. It carries the value's end, by which readers of ours know it; the value is given the same, since by its
 * own ttl it would end some milliseconds later, when the server has stored it.
 */
export function endMarker(handle: BucketHandle, { key, headers }: Outgoing, now = serverNow(handle)) {
  if (handle.origin.config.max_msgs_per_subject === 1) return undefined;
  const end = endGiven(headers, now);
  if (!headers || !end) return undefined;
  giveEnd(headers, end);
  return { key, value: new Uint8Array(0), headers: endMarkerHeaders(end) };
}

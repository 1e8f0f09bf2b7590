import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import { invalidField } from '../../../../contract/errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { HEADER } from '../read/stored-message.ts';
import { markerHeaders } from './remove.ts';
import type { Outgoing } from './writer.ts';

/** A ttl of its own for one item: honoured exactly, or refused with the way to have it. */
export function checkTtl({ bucket, origin: { config } }: BucketHandle, ttl: number, pointer = '/ttl'): void {
  if (!config.allow_msg_ttl) {
    throw invalidField(
      pointer,
      `bucket "${bucket}" does not allow a ttl per key; allow it with kv-bucket-update {"bucket": "${bucket}", "key_ttl": true}, or leave ttl out`,
    );
  }
  if (config.max_msgs_per_subject !== 1 && !config.allow_atomic) {
    throw invalidField(
      pointer,
      `bucket "${bucket}" keeps a history of ${config.max_msgs_per_subject}, and the value before would come back when this one expires; allow it with kv-bucket-update {"bucket": "${bucket}", "transactions": true} (nats-server 2.12), or use a bucket with history: 1`,
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

/**
 * The delete marker that is stored right before a value with a ttl, in the same commit, where the bucket keeps history:
 * when the server takes the value away the marker is the key's last message, and no older value comes back. Undefined
 * where none is needed. It carries the value's end, by which readers of ours know it.
 */
export function endMarker(
  handle: BucketHandle,
  { key, headers }: Outgoing,
  now = Date.now() + handle.clockOffset,
) {
  if (!headers?.get('Nats-TTL') || handle.origin.config.max_msgs_per_subject === 1) return undefined;
  const end = headers.get(HEADER.expires) || String(Math.round(now + Number(headers.get(HEADER.ttl)) / 1e6));
  const marker = markerHeaders('delete');
  marker.append(HEADER.expires, end);
  return { key, value: new Uint8Array(0), headers: marker };
}

/** Headers of an item that ends `ttl` nanoseconds after it is stored. */
export function ttlHeaders(ttl: number | undefined): MsgHdrs | undefined {
  if (ttl === undefined) return undefined;
  const headers = newHeaders();
  headers.append(HEADER.ttl, String(ttl));
  // The server counts whole seconds, at least one; readers go by the exact value.
  headers.append('Nats-TTL', String(Math.max(1, Math.ceil(ttl / 1e9))));
  return headers;
}

/** Headers of an item that ends at a given moment (milliseconds since 1970, the server's clock), `now` being now. */
export function expiryHeaders(expiry: number, now: number): MsgHdrs {
  const headers = newHeaders();
  headers.append(HEADER.expires, String(Math.round(expiry)));
  headers.append('Nats-TTL', String(Math.max(1, Math.ceil((expiry - now) / 1000))));
  return headers;
}

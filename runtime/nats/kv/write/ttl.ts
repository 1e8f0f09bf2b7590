import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import { invalidField } from '../../../../contract/errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { HEADER } from '../read/stored-message.ts';

/** A ttl of its own for one item: honoured exactly, or refused with the way to have it. */
export function checkTtl({ bucket, origin: { config } }: BucketHandle, ttl: number): void {
  if (!config.allow_msg_ttl) {
    throw invalidField(
      '/ttl',
      `bucket "${bucket}" does not allow a ttl per key; allow it with kv-bucket-update {"bucket": "${bucket}", "key_ttl": true}, or leave ttl out`,
    );
  }
  if (config.max_msgs_per_subject !== 1) {
    throw invalidField(
      '/ttl',
      `bucket "${bucket}" keeps a history of ${config.max_msgs_per_subject}, and the value before would come back when this one expires; use a bucket with history: 1`,
    );
  }
  const most = config.max_age ?? 0;
  if (most > 0 && ttl > most) {
    throw invalidField(
      '/ttl',
      `is longer than the ttl of bucket "${bucket}" (${most}), which ends every item`,
    );
  }
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

import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { StoredMessage } from '../read/stored-message.ts';
import { expiryOf, HEADER } from '../read/stored-message.ts';
import { expiryHeaders } from './ttl.ts';

/** Headers that belong to an item and are written again with a changed value. */
const KEPT = [HEADER.steps];

/** When an item ends by a ttl of its own, in milliseconds since 1970 by the server's clock; undefined: it has none. */
export function ownEnd(message: StoredMessage, bucketTtl: number): number | undefined {
  return message.headers?.get('Nats-TTL') ? expiryOf(message, bucketTtl) : undefined;
}

/**
 * Headers of a value written in place of another, which keeps the other's end and what else belongs to the item.
 * @param now the server's clock, in milliseconds since 1970.
 */
export function keptHeaders(message: StoredMessage, bucketTtl: number, now: number): MsgHdrs {
  const end = ownEnd(message, bucketTtl);
  const headers = end === undefined ? newHeaders() : expiryHeaders(end, now);
  if (message.headers?.get('Nats-TTL') === 'never') headers.append('Nats-TTL', 'never');
  for (const name of KEPT) {
    const value = message.headers?.get(name);
    if (value) headers.append(name, value);
  }
  return headers;
}

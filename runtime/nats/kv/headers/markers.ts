/** Markers: what a delete, a purge or an end leaves under a key. */
import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import type { KvMarker } from '../../../core/ports/items.ts';
import type { KvRemove } from '../../../core/ports/writes.ts';
import type { WithHeaders } from './names.ts';
import { HEADER, setPlain } from './names.ts';
import { writtenByText } from './texts.ts';

/** Headers of the marker that a delete or a purge leaves (ADR-8), and who made it. */
export function markerHeaders(operation: KvRemove['operation'], by?: WrittenBy): MsgHdrs {
  const headers = newHeaders();
  if (by) setPlain(headers, HEADER.by, writtenByText(by));
  setPlain(headers, 'KV-Operation', operation === 'purge' ? 'PURGE' : 'DEL');
  // The server drops what was stored under the subject before.
  if (operation === 'purge') setPlain(headers, 'Nats-Rollup', 'sub');
  return headers;
}

/** Headers of the marker that is left of a value that ends at `end`, in milliseconds since 1970. */
export function endMarkerHeaders(end: number): MsgHdrs {
  const headers = markerHeaders('delete');
  setPlain(headers, HEADER.expires, String(end));
  return headers;
}

/** The marker that a message is, if it is one: written by a delete or purge (ADR-8) or by the server (ADR-48). */
export function markerOperation({ headers }: WithHeaders): KvMarker['operation'] | undefined {
  if (!headers) return undefined;
  const operation = headers.get('KV-Operation');
  if (operation === 'DEL') return headers.get(HEADER.expires) ? 'expire' : 'delete';
  if (operation === 'PURGE') return 'purge';
  const reason = headers.get('Nats-Marker-Reason');
  if (!reason) return undefined;
  if (reason === 'MaxAge') return 'expire';
  return reason === 'Purge' ? 'purge' : 'delete';
}

/**
 * The end, in milliseconds since 1970, of a value with a ttl whose marker this is. In a bucket with history the marker is
 * stored right before the value, and is what is left of it at its end; until then it says nothing.
 */
export function endMarked({ headers }: WithHeaders): number | undefined {
  return headers?.get('KV-Operation') === 'DEL'
    ? Number(headers.get(HEADER.expires)) || undefined
    : undefined;
}

/** When items end, as their headers say it. */
import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { About } from './about.ts';
import { aboutHeaders, withAbout } from './about.ts';
import { setSteps, stepsOf } from './marks.ts';
import type { Stamped, WithHeaders } from './names.ts';
import { HEADER, ofPlain, setPlain } from './names.ts';
import type { MessageHeaders } from './texts.ts';
import { parseDuration } from './texts.ts';

/** Headers of an item that ends `ttl` nanoseconds after it is stored. */
export function ttlHeaders(ttl: number | undefined): MsgHdrs | undefined {
  if (ttl === undefined) return undefined;
  // The server counts whole seconds, at least one; readers go by the exact value.
  const seconds = Math.max(1, Math.ceil(ttl / 1e9));
  return ofPlain({ [HEADER.ttl]: [String(ttl)], 'Nats-TTL': [String(seconds)] });
}

/**
 * Headers of an item that is put: its ttl, or its end where that is known (milliseconds since 1970, the server's clock), and what is kept
 * beside its value; undefined where it needs none.
 * @param at JSON pointer of the item in the input, for messages.
 */
export function itemHeaders(put: About & { ttl?: number; endsAt?: number }, at = ''): MsgHdrs | undefined {
  const headers = ttlHeaders(put.ttl);
  if (headers && put.endsAt !== undefined) giveEnd(headers, put.endsAt);
  return withAbout(headers, put, at);
}

/** Headers of an item that ends at a given moment (milliseconds since 1970, the server's clock), `now` being now. */
export function expiryHeaders(expiry: number, now: number): MsgHdrs {
  const seconds = Math.max(1, Math.ceil((expiry - now) / 1000));
  return ofPlain({ [HEADER.expires]: [String(Math.round(expiry))], 'Nats-TTL': [String(seconds)] });
}

/** The end that headers of {@link ttlHeaders} or {@link expiryHeaders} give an item stored at `now`; undefined: none. */
export function endGiven(headers: MsgHdrs | undefined, now: number): number | undefined {
  if (!headers?.get('Nats-TTL')) return undefined;
  return Number(headers.get(HEADER.expires)) || Math.round(now + Number(headers.get(HEADER.ttl)) / 1e6);
}

/** Fixes when a value with a ttl ends, in milliseconds since 1970 by the server's clock. */
export function giveEnd(headers: MsgHdrs, end: number): void {
  setPlain(headers, HEADER.expires, String(end));
}

/**
 * When a message expires, in milliseconds since 1970 by the server's clock: by its own exact ttl, by the ttl another
 * client gave it, or by the bucket's; the earliest counts. Undefined: never.
 */
export function expiryOf({ headers, time }: Stamped, bucketTtl: number): number | undefined {
  const end = headers?.get(HEADER.expires);
  if (end)
    return Math.min(Number(end), bucketTtl > 0 ? time + bucketTtl / 1_000_000 : Number.POSITIVE_INFINITY);
  const own = headers ? messageTtl(headers) : undefined;
  if (own === 'never') return undefined;
  const ttl = Math.min(own ?? Number.POSITIVE_INFINITY, bucketTtl > 0 ? bucketTtl : Number.POSITIVE_INFINITY);
  return Number.isFinite(ttl) ? time + ttl / 1_000_000 : undefined;
}

/** When an item ends by a ttl of its own, in milliseconds since 1970 by the server's clock; undefined: it has none. */
export function ownEnd(message: Stamped, bucketTtl: number): number | undefined {
  return message.headers?.get('Nats-TTL') ? expiryOf(message, bucketTtl) : undefined;
}

/** The ttl a message was written with, in nanoseconds. */
export function messageTtl(headers: MessageHeaders): number | 'never' | undefined {
  const exact = headers.get(HEADER.ttl);
  if (exact) return Number(exact);
  const text = headers.get('Nats-TTL');
  if (!text) return undefined;
  return text === 'never' ? 'never' : parseDuration(text);
}

/**
 * Headers of a value written in place of another, which keeps the other's end and what else belongs to the item.
 * @param now the server's clock, in milliseconds since 1970.
 */
export function keptHeaders(message: Stamped, bucketTtl: number, now: number): MsgHdrs {
  const end = ownEnd(message, bucketTtl);
  const headers = end === undefined ? newHeaders() : expiryHeaders(end, now);
  if (message.headers?.get('Nats-TTL') === 'never') headers.append('Nats-TTL', 'never');
  return keepItems(headers, message);
}

/** As {@link keptHeaders}, with a ttl of its own in place of the end before; undefined: none. */
export function keptWithTtl(message: WithHeaders | undefined, ttl: number | undefined): MsgHdrs {
  const headers = ttlHeaders(ttl) ?? newHeaders();
  return message ? keepItems(headers, message) : headers;
}

/** What belongs to an item is written again with a changed value. */
function keepItems(headers: MsgHdrs, message: WithHeaders): MsgHdrs {
  const steps = stepsOf(message);
  if (steps) setSteps(headers, steps);
  for (const [name, value] of aboutHeaders(message)) headers.append(name, value);
  return headers;
}

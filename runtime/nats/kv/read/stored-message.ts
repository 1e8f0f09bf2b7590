import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import type { KvMarker } from '../../../core/ports.ts';
import { noteAnswer } from '../bucket/copies.ts';
import type { StreamView } from '../bucket/handles.ts';

/** Our own headers on stored messages. */
export const HEADER = {
  /** Exact time-to-live in nanoseconds; the server's own counts whole seconds. */
  ttl: 'Kvflow-TTL',
  /** Exact end in milliseconds since 1970, which later writes of a counter keep. */
  expires: 'Kvflow-Expires',
  /** Last step of each process in a counter, so that a step whose answer was lost is not taken twice. */
  steps: 'Kvflow-Steps',
  /** Tells a conditional write of ours from another's when its answer was lost. */
  write: 'Kvflow-Write',
} as const;

/** The headers of a stored message that say something. Reading them is how markers and expiry are known. */
export interface MessageHeaders {
  get(name: string): string;
}

/** A message of a bucket's stream, whichever way it was read. */
export interface StoredMessage {
  subject: string;
  seq: number;
  /** When the server stored it, in milliseconds since 1970. */
  time: number;
  data: Uint8Array;
  headers: MessageHeaders | undefined;
}

/** A message as direct get answers it: what is known of it comes in headers (ADR-31). */
export function fromDirect(view: StreamView, msg: Msg): StoredMessage | undefined {
  if (!msg.headers || msg.headers.code >= 300) return undefined;
  const headers = indexed(msg.headers);
  noteAnswer(view, headers.get('Nats-Stream'));
  return {
    subject: headers.get('Nats-Subject'),
    seq: Number(headers.get('Nats-Sequence')),
    time: Date.parse(headers.get('Nats-Time-Stamp')),
    data: msg.data,
    headers,
  };
}

/** The library looks through all headers each time one is asked for; every read asks for several. */
function indexed(headers: MsgHdrs): MessageHeaders {
  const byName = new Map(headers);
  return { get: name => byName.get(name)?.[0] ?? '' };
}

/** A message as the stream's leader answers it: JSON with base64 inside. */
export function fromLeader(message: LeaderMessage): StoredMessage {
  return {
    subject: message.subject,
    seq: message.seq,
    time: Date.parse(message.time),
    data: message.data ? Buffer.from(message.data, 'base64') : new Uint8Array(0),
    headers: message.hdrs ? parseHeaders(message.hdrs) : undefined,
  };
}

/**
 * Reads messages as a consumer delivers them: what is known of one is in its reply subject,
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>`, with domain and
 * account before the stream on some servers (ADR-15). All of one consumer begin alike, so that is measured once.
 */
export function consumerMessages(
  consumer: string,
): (msg: Msg) => { message: StoredMessage; pending: number } {
  const marker = `.${consumer}.`;
  let start = -1;
  return msg => {
    const reply = msg.reply ?? '';
    if (start < 0) start = reply.indexOf(marker) + marker.length;
    const seqAt = reply.indexOf('.', start) + 1;
    const seqEnd = reply.indexOf('.', seqAt);
    const timeAt = reply.indexOf('.', seqEnd + 1) + 1;
    const timeEnd = reply.indexOf('.', timeAt);
    const message = {
      subject: msg.subject,
      seq: Number(reply.slice(seqAt, seqEnd)),
      time: Number(reply.slice(timeAt, timeEnd - 6)),
      data: msg.data,
      headers: msg.headers && indexed(msg.headers),
    };
    return { message, pending: Number.parseInt(reply.slice(timeEnd + 1), 10) };
  };
}

/** `message` of a STREAM.MSG.GET answer. */
export interface LeaderMessage {
  subject: string;
  seq: number;
  time: string;
  data?: string;
  hdrs?: string;
}

function parseHeaders(base64: string): MessageHeaders {
  const headers = newHeaders();
  const [, ...lines] = Buffer.from(base64, 'base64').toString('utf8').split('\r\n');
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}

/** The marker that a message is, if it is one: written by a delete or purge (ADR-8) or by the server (ADR-48). */
export function markerOperation({ headers }: StoredMessage): KvMarker['operation'] | undefined {
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
export function endMarked({ headers }: StoredMessage): number | undefined {
  return headers?.get('KV-Operation') === 'DEL'
    ? Number(headers.get(HEADER.expires)) || undefined
    : undefined;
}

/**
 * When a message expires, in milliseconds since 1970 by the server's clock: by its own exact ttl, by the ttl another
 * client gave it, or by the bucket's; the earliest counts. Undefined: never.
 */
export function expiryOf({ headers, time }: StoredMessage, bucketTtl: number): number | undefined {
  const end = headers?.get(HEADER.expires);
  if (end)
    return Math.min(Number(end), bucketTtl > 0 ? time + bucketTtl / 1_000_000 : Number.POSITIVE_INFINITY);
  const own = headers ? messageTtl(headers) : undefined;
  if (own === 'never') return undefined;
  const ttl = Math.min(own ?? Number.POSITIVE_INFINITY, bucketTtl > 0 ? bucketTtl : Number.POSITIVE_INFINITY);
  return Number.isFinite(ttl) ? time + ttl / 1_000_000 : undefined;
}

/** The ttl a message was written with, in nanoseconds. */
export function messageTtl(headers: MessageHeaders): number | 'never' | undefined {
  const exact = headers.get(HEADER.ttl);
  if (exact) return Number(exact);
  const text = headers.get('Nats-TTL');
  if (!text) return undefined;
  return text === 'never' ? 'never' : parseDuration(text);
}

const UNITS: Record<string, number> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** `Nats-TTL` is whole seconds or a Go duration such as 1h30m (ADR-43). */
function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1e9;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|us|ns|h|m|s)/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  }
  return total > 0 ? total : undefined;
}

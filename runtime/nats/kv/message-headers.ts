import type { MsgHdrs } from '@nats-io/transport-node';
import { MsgHdrsImpl, headers as newHeaders } from '@nats-io/transport-node';
import { PackError } from '../../../contract/errors.ts';
import type { WrittenBy } from '../../../contract/written-by.ts';
import { parseWrittenBy } from '../../../contract/written-by.ts';
import type { KvAbout, KvMarker, KvScheduled } from '../../core/ports/items.ts';
import type { KvRemove } from '../../core/ports/writes.ts';
import type { MessageHeaders } from './header-texts.ts';
import {
  checkedText,
  metadataText,
  parseDuration,
  readMetadata,
  readScheduled,
  writtenByText,
} from './header-texts.ts';

/**
 * Version of what this file writes. Messages without {@link HEADER.form} are of version 1. Headers that an older build
 * may leave out of account are added without a new version; a message that it would misread carries the version, and
 * builds that know less refuse it. docs/message-headers.md describes all of them.
 */
export const FORM = 1;

/** Our own headers on stored messages. They are written and read in this file only. */
const HEADER = {
  /** Version of the form, on messages that older builds must not read. */
  form: 'Kvflow-Form',
  /** Exact time-to-live in nanoseconds; the server's own counts whole seconds. */
  ttl: 'Kvflow-TTL',
  /** Exact end in milliseconds since 1970, which later writes of a counter keep. */
  expires: 'Kvflow-Expires',
  /** Last step of each process in a counter, so that a step whose answer was lost is not taken twice. */
  steps: 'Kvflow-Steps',
  /** Tells a conditional write of ours from another's when its answer was lost. */
  write: 'Kvflow-Write',
  /** Media type of the value. */
  contentType: 'Kvflow-Content-Type',
  /** Names and texts that the caller keeps with the item: one JSON object, in ASCII. */
  metadata: 'Kvflow-Metadata',
  /** Who wrote, see contract/written-by.ts. */
  by: 'Kvflow-By',
  /** Which revision of which bucket an import wrote here, so that an import that broke off goes on without a double. */
  imported: 'Kvflow-Imported',
  /** When and how the item is to be put under its own key. */
  scheduled: 'Kvflow-Scheduled',
} as const;

/** The most bytes that headers of ours and of JetStream need on one message. Buckets get this room beside their values. */
export const HEADER_ROOM = 8_192;
const LONGEST_CONTENT_TYPE = 255;

/** A message's headers and when the server stored it, in milliseconds since 1970. */
interface Stamped {
  headers: MessageHeaders | undefined;
  time: number;
}

type WithHeaders = Pick<Stamped, 'headers'>;

/** What is kept of a value beside its bytes. */
export interface About extends KvAbout {
  /** Who wrote it. */
  by?: WrittenBy | undefined;
  /** Of an item that waits. */
  scheduled?: KvScheduled | undefined;
}

/** Whether a later version wrote a message in a form that this one would misread. */
export function isLaterForm({ headers }: WithHeaders): boolean {
  const form = headers?.get(HEADER.form);
  return form !== undefined && form !== '' && !(Number(form) <= FORM);
}

/** Throws UNSUPPORTED, with the key, for a message of {@link isLaterForm}. */
export function checkForm(message: WithHeaders, key: string): void {
  if (!isLaterForm(message)) return;
  const form = message.headers?.get(HEADER.form);
  throw new PackError(
    'UNSUPPORTED',
    `Key "${key}" was written by a newer kvflow (form ${form}; this one reads up to ${FORM}). Update this kvflow.`,
    { details: { key, form } },
  );
}

/** Whether an error is one of {@link checkForm}. */
export function isOfLaterForm(error: unknown): boolean {
  return error instanceof PackError && error.code === 'UNSUPPORTED' && error.details.form !== undefined;
}

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
  headers.set(HEADER.expires, String(end));
}

/** Headers of the marker that a delete or a purge leaves (ADR-8), and who made it. */
export function markerHeaders(operation: KvRemove['operation'], by?: WrittenBy): MsgHdrs {
  const headers = newHeaders();
  if (by) headers.set(HEADER.by, writtenByText(by));
  headers.set('KV-Operation', operation === 'purge' ? 'PURGE' : 'DEL');
  // The server drops what was stored under the subject before.
  if (operation === 'purge') headers.set('Nats-Rollup', 'sub');
  return headers;
}

/** Headers of the marker that is left of a value that ends at `end`, in milliseconds since 1970. */
export function endMarkerHeaders(end: number): MsgHdrs {
  const headers = markerHeaders('delete');
  headers.append(HEADER.expires, String(end));
  return headers;
}

/** Names a write, so that it is known again when its answer was lost. */
export function setWriteId(headers: MsgHdrs, id: string): void {
  headers.set(HEADER.write, id);
}

/** The name of {@link setWriteId}; empty: none. */
export function writeIdOf({ headers }: WithHeaders): string {
  return headers?.get(HEADER.write) ?? '';
}

/** Keeps the last steps of the processes that count, `process=number@at,...` with seconds since 1970. */
export function setSteps(headers: MsgHdrs, steps: string): void {
  headers.append(HEADER.steps, steps);
}

/** What {@link setSteps} kept; empty: none. */
export function stepsOf({ headers }: WithHeaders): string {
  return headers?.get(HEADER.steps) ?? '';
}

/** Which revision of which bucket a message is a copy of. */
export interface ImportedFrom {
  /** `history_of` of the export. */
  source: string;
  revision: number;
}

/** Notes what {@link importedFrom} reads. */
export function setImported(headers: MsgHdrs, { source, revision }: ImportedFrom): void {
  headers.set(HEADER.imported, `${source} ${revision}`);
}

/** Where a message was imported from, with its history; undefined: it was not. */
export function importedFrom({ headers }: WithHeaders): ImportedFrom | undefined {
  const [source, revision] = (headers?.get(HEADER.imported) ?? '').split(' ');
  return source && revision ? { source, revision: Number(revision) } : undefined;
}

/** The headers with what is kept of a value added; new ones where there were none, undefined where there is nothing. */
export function withAbout(headers: MsgHdrs | undefined, about: About, at = ''): MsgHdrs | undefined {
  const { contentType, metadata, by, scheduled } = about;
  if (!contentType && !metadata && !by && !scheduled) return headers;
  const all = headers ?? newHeaders();
  if (contentType) {
    all.set(HEADER.contentType, checkedText(`${at}/content_type`, contentType, LONGEST_CONTENT_TYPE));
  }
  if (metadata) all.set(HEADER.metadata, metadataText(`${at}/metadata`, metadata));
  if (by) all.set(HEADER.by, writtenByText(by));
  if (scheduled) all.set(HEADER.scheduled, JSON.stringify(scheduled));
  return all;
}

/** Of names and values that are known to be such: for those of callers the library looks at every character, which is felt. */
function ofPlain(values: Record<string, string[]>): MsgHdrs {
  return MsgHdrsImpl.fromRecord(values);
}

/** What {@link withAbout} kept. */
export function aboutOf({ headers }: WithHeaders): About {
  if (!headers) return {};
  const contentType = headers.get(HEADER.contentType);
  const metadata = readMetadata(headers.get(HEADER.metadata));
  const by = headers.get(HEADER.by);
  const scheduled = readScheduled(headers.get(HEADER.scheduled));
  return {
    ...(contentType && { contentType }),
    ...(metadata && { metadata }),
    ...(by && { by: parseWrittenBy(by) }),
    ...(scheduled && { scheduled }),
  };
}

/** Takes away what made an item wait: its copy is none that waits. */
export function withoutSchedule(headers: MsgHdrs | undefined): MsgHdrs | undefined {
  headers?.delete(HEADER.scheduled);
  return headers;
}

/** The headers that belong to an item whatever its value, to be written again with another one. */
export function aboutHeaders({ headers }: WithHeaders): [name: string, value: string][] {
  return [HEADER.contentType, HEADER.metadata, HEADER.scheduled].flatMap(name => {
    const value = headers?.get(name);
    return value ? [[name, value]] : [];
  });
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

/** The ttl a message was written with, in nanoseconds. */
export function messageTtl(headers: MessageHeaders): number | 'never' | undefined {
  const exact = headers.get(HEADER.ttl);
  if (exact) return Number(exact);
  const text = headers.get('Nats-TTL');
  if (!text) return undefined;
  return text === 'never' ? 'never' : parseDuration(text);
}

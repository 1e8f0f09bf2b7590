import type { Call } from '../../../core/call.ts';
import type { KvEntry, KvGet, KvMarker } from '../../../core/ports/items.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { Requests } from '../../requests.ts';
import { sendToLeader } from '../bucket/between-leaders.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { BucketHandle, Handles, Opened } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import type { StreamView } from '../bucket/stream-view.ts';
import { aboutOf } from '../headers/about.ts';
import { expiryOf } from '../headers/ends.ts';
import { checkForm } from '../headers/form.ts';
import { endMarked, markerOperation } from '../headers/markers.ts';
import { readAtLeader } from './leader-read.ts';
import type { StoredMessage } from './stored-message.ts';
import { fromDirect } from './stored-message.ts';

/** Reads single messages of buckets. */
export interface Reader {
  /** `opened` is the bucket, where whoever asks has opened it. */
  get(call: Call, read: KvGet, opened?: Opened): Promise<KvEntry | KvMarker | undefined>;
  /** The last message of a subject as the leader knows it, markers included. */
  last(call: Call, at: StreamView, subject: string): Promise<StoredMessage | undefined>;
}

/** Makes the reader of one connection. */
export function createReader(requests: Requests, handles: Handles): Reader {
  return { get, last };

  async function get(call: Call, read: KvGet, opened = handles.open(call, read.bucket)) {
    const handle = opened instanceof Promise ? await opened : opened;
    const subject = handle.readPrefix + handle.codec.encode(read.key);
    const message = await find(call, handle, subject, read);
    if (!message || message.subject !== subject) return undefined;
    return interpret(handle, message, read.key);
  }

  async function find(call: Call, handle: BucketHandle, subject: string, read: KvGet) {
    const atLeader = () =>
      read.revision ? readAtLeader(call, handle, { seq: read.revision }) : last(call, handle, subject);
    if (!mayBeDirect(handle, read)) return await atLeader();
    const message = read.revision
      ? await direct(call, handle, '', JSON.stringify({ seq: read.revision }))
      : await direct(call, handle, `.${subject}`, '');
    if (read.stale || (message && hasOneCopy(handle))) return message;
    // A mirror answered, or may have: that there is nothing does not say who says so.
    return await atLeader();
  }

  function last(call: Call, at: StreamView, subject: string): Promise<StoredMessage | undefined> {
    return readAtLeader(call, at, { last_by_subj: subject });
  }

  async function direct(call: Call, handle: BucketHandle, suffix: string, payload: string) {
    const subject = `${handle.api.prefix}.DIRECT.GET.${handle.stream}${suffix}`;
    const ask = () => requests.ask(call, subject, payload, { safe: true });
    return fromDirect(handle, await sendToLeader(call, { handles, handle }, ask));
  }
}

/** Streams of others need not answer direct gets at all. */
function mayBeDirect(handle: BucketHandle, { stale }: KvGet): boolean {
  return hasOneCopy(handle) || (stale === true && handle.config.allow_direct === true);
}

let second = Number.NaN;
let secondText = '';

/** RFC 3339 in UTC, to the millisecond. Lists ask for many times of the same second. */
export function isoTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  const inSecond = ((whole % 1000) + 1000) % 1000;
  if (whole - inSecond !== second) {
    second = whole - inSecond;
    secondText = new Date(second).toISOString().slice(0, -4);
  }
  return `${secondText}${String(inSecond).padStart(3, '0')}Z`;
}

/** What a stored message is to a reader at this moment. */
export function interpret(view: StreamView, message: StoredMessage, key: string): KvEntry | KvMarker {
  const entry = toEntry(view, message, key);
  if (!isEntry(entry) || !entry.expiresAt) return entry;
  const expiry = Date.parse(entry.expiresAt);
  if (expiry > serverNow(view)) return entry;
  // The server removes it within a second; to readers it is gone already.
  return { operation: 'expire', revision: message.seq, createdAt: entry.expiresAt };
}

/** What was stored, whether or not it has expired since. */
export function toEntry(view: StreamView, message: StoredMessage, key: string): KvEntry | KvMarker {
  const createdAt = isoTime(message.time);
  // Most messages are a value and nothing beside it, and a list reads thousands.
  if (!message.headers && !view.config.max_age)
    return { key, value: message.data, revision: message.seq, createdAt };
  checkForm(message, key);
  const operation = markerOperation(message);
  const { contentType, metadata, by, scheduled } = aboutOf(message);
  if (operation) {
    const end = endMarked(message);
    const marker = { operation, revision: message.seq, createdAt: end ? isoTime(end) : createdAt };
    return by ? { ...marker, by } : marker;
  }
  const expiry = expiryOf(message, view.config.max_age ?? 0);
  return {
    key,
    value: message.data,
    revision: message.seq,
    createdAt,
    ...(expiry !== undefined && { expiresAt: isoTime(expiry) }),
    ...(contentType && { contentType }),
    ...(metadata && { metadata }),
    ...(by && { by }),
    ...(scheduled && { scheduled }),
  };
}

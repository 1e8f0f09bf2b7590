import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders, nuid } from '@nats-io/transport-node';
import type { Call } from '../../core/define-function.ts';
import { invalidField, PackError } from '../../core/errors.ts';
import type { KvPut } from '../../core/ports.ts';
import { isEntry } from '../../core/ports.ts';
import type { ApiError } from '../errors.ts';
import { fromApi } from '../errors.ts';
import { isNoResponders } from '../js-api.ts';
import type { Requests } from '../requests.ts';
import type { BucketHandle, Handles } from './handles.ts';
import { whyNobodyAnswers } from './handles.ts';
import type { Reader } from './read.ts';
import { interpret, isoTime } from './read.ts';
import { HEADER } from './stored-message.ts';

/** A put that is acknowledged: its revision, and when it expires. */
export interface PutResult {
  revision: number;
  expiresAt?: string;
}

/** Writes items. */
export type Put = (call: Call, write: KvPut) => Promise<PutResult>;

interface Ack {
  seq: number;
  error?: ApiError;
}

/** What a put works with. */
export interface PutDependencies {
  requests: Requests;
  handles: Handles;
  reader: Reader;
  maxPayload(): number;
}

/** Makes the put of one connection. */
export function createPut(deps: PutDependencies): Put {
  const { requests, handles, reader } = deps;
  return put;

  async function put(call: Call, write: KvPut): Promise<PutResult> {
    const opened = handles.open(call, write.bucket);
    const handle = opened instanceof Promise ? await opened : opened;
    const key = handle.codec.encode(write.key);
    const value = typeof write.value === 'string' ? Buffer.from(write.value) : write.value;
    checkSize(handle, value, deps.maxPayload());
    if (write.ttl !== undefined) checkTtl(handle, write.ttl);
    const revision =
      write.expectedRevision === undefined
        ? await store(call, handle, {
            subject: handle.writePrefix() + key,
            value,
            headers: ttlHeaders(write.ttl),
          })
        : await compareAndSet(call, handle, { key, value, write, expected: write.expectedRevision });
    if (write.ttl === undefined) return { revision };
    const expiry = Date.now() + handle.clockOffset + write.ttl / 1_000_000;
    return { revision, expiresAt: isoTime(expiry) };
  }

  async function store(call: Call, handle: BucketHandle, message: Outgoing): Promise<number> {
    const ack = await send(call, handle, message);
    if (!ack.error) return ack.seq;
    throw refused(handle, ack.error, message.value.length);
  }

  async function send(call: Call, handle: BucketHandle, message: Outgoing): Promise<Ack> {
    const options = { ...(message.headers && { headers: message.headers }), safe: message.safe ?? false };
    const msg = await ask(call, message, options);
    if (isNoResponders(msg)) throw await whyNobodyAnswers(handles, handle, call);
    return msg.json<Ack>();
  }

  async function ask(
    call: Call,
    message: Outgoing,
    options: { headers?: MsgHdrs; safe: boolean },
  ): Promise<Msg> {
    try {
      return await requests.ask(call, message.subject, message.value, options);
    } catch (error) {
      if (error instanceof PackError) throw error;
      // The client library throws before it sends what the server would not take.
      throw tooLarge(message.value.length, deps.maxPayload());
    }
  }

  /**
   * Writes on top of a known revision. Sending again is safe: if the first try was stored, the second one conflicts
   * with it, and its write id shows that the conflict is our own.
   */
  async function compareAndSet(call: Call, handle: BucketHandle, cas: CompareAndSet): Promise<number> {
    const writeId = nuid.next();
    let expected = cas.expected;
    for (;;) {
      const headers = casHeaders(cas.write.ttl, expected, writeId);
      const subject = handle.writePrefix() + cas.key;
      const ack = await send(call, handle, { subject, value: cas.value, headers, safe: true });
      if (!ack.error) return ack.seq;
      const error = refused(handle, ack.error, cas.value.length);
      if (error.code !== 'REVISION_CONFLICT') throw error;
      const last = await lastWritten(call, handle, cas.key);
      if (last?.writeId === writeId) return last.seq;
      // A deleted or expired key does not exist, but its marker has a revision that the server compares with.
      const retry = cas.expected === 0 && last && !last.live && last.seq !== expected;
      if (!retry) throw conflict(cas, last);
      expected = last.seq;
    }
  }

  /** Asks the bucket that takes the writes, which a mirror follows only after a while. */
  async function lastWritten(
    call: Call,
    handle: BucketHandle,
    key: string,
  ): Promise<LastWritten | undefined> {
    const at = handle.origin;
    const message = await reader.last(call, at, at.readPrefix + key);
    if (!message) return undefined;
    const found = interpret(at, message, key);
    const writeId = message.headers?.get(HEADER.write);
    return { seq: message.seq, live: isEntry(found), at: found.createdAt, writeId };
  }
}

interface Outgoing {
  subject: string;
  value: Uint8Array;
  headers?: MsgHdrs | undefined;
  safe?: boolean;
}

interface CompareAndSet {
  /** Encoded. */
  key: string;
  value: Uint8Array;
  write: KvPut;
  expected: number;
}

interface LastWritten {
  seq: number;
  live: boolean;
  at: string;
  writeId: string | undefined;
}

function ttlHeaders(ttl: number | undefined): MsgHdrs | undefined {
  if (ttl === undefined) return undefined;
  const headers = newHeaders();
  // The server counts whole seconds; readers go by the exact value.
  headers.set('Nats-TTL', String(Math.max(1, Math.ceil(ttl / 1e9))));
  headers.set(HEADER.ttl, String(ttl));
  return headers;
}

function casHeaders(ttl: number | undefined, expected: number, writeId: string): MsgHdrs {
  const headers = ttlHeaders(ttl) ?? newHeaders();
  headers.set('Nats-Expected-Last-Subject-Sequence', String(expected));
  headers.set(HEADER.write, writeId);
  return headers;
}

function checkSize(handle: BucketHandle, value: Uint8Array, maxPayload: number): void {
  const limit = handle.origin.config.max_msg_size ?? -1;
  if (limit >= 0 && value.length > limit) throw tooLarge(value.length, limit);
  if (maxPayload > 0 && value.length > maxPayload) throw tooLarge(value.length, maxPayload);
}

/** A ttl is honoured exactly or refused with the way to have it. */
function checkTtl({ bucket, origin }: BucketHandle, ttl: number): void {
  if (!origin.config.allow_msg_ttl) {
    throw invalidField(
      '/ttl',
      `bucket "${bucket}" does not allow a ttl per key; create it with key_ttl: true, or leave ttl out`,
    );
  }
  if (origin.config.max_msgs_per_subject !== 1) {
    throw invalidField(
      '/ttl',
      `bucket "${bucket}" keeps a history of ${origin.config.max_msgs_per_subject}, and the value before would come back when this one expires; use a bucket with history: 1`,
    );
  }
  const most = origin.config.max_age ?? 0;
  if (most > 0 && ttl > most) {
    throw invalidField(
      '/ttl',
      `is longer than the ttl of bucket "${bucket}" (${most}), which ends every item`,
    );
  }
}

function refused(handle: BucketHandle, error: ApiError, size: number): PackError {
  const mapped = fromApi(error, `bucket "${handle.bucket}"`);
  if (mapped.code !== 'VALUE_TOO_LARGE') return mapped;
  return tooLarge(size, handle.origin.config.max_msg_size ?? -1);
}

function tooLarge(size: number, limit: number): PackError {
  return new PackError(
    'VALUE_TOO_LARGE',
    `The value has ${size} bytes and ${limit} are allowed, headers of ttl and expected_revision included. Store less, or raise max_value_size of the bucket or max_payload of the NATS server.`,
    { details: { size, max_value_size: limit } },
  );
}

function conflict(cas: CompareAndSet, last: LastWritten | undefined): PackError {
  const { key, bucket } = cas.write;
  const current = last?.live ? last.seq : 0;
  const state = last?.live ? `is at revision ${last.seq}` : 'does not exist (revision 0)';
  return new PackError(
    'REVISION_CONFLICT',
    `Key "${key}" of bucket "${bucket}" ${state}, not at ${cas.expected}. Read it again and decide anew.`,
    { details: { current_revision: current, ...(last && !last.live && { deleted_at: last.at }) } },
  );
}

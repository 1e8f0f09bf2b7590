import { hash } from 'node:crypto';
import { PackError } from '../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../contract/exact-json.ts';
import type { Call } from './define-function.ts';
import { ensureOwnedBucket } from './owned-bucket.ts';
import type { KvStore } from './ports.ts';
import { isEntry } from './ports.ts';

/** The bucket that records are kept in. Made on first use; made beforehand, its options are left as they are. */
export const IDEMPOTENCY_BUCKET = 'kvflow_idempotency';

/** What is known of one Idempotency-Key. */
export type IdempotencyRecord =
  /** Being run; free for others once `lease` (epoch milliseconds) has passed. */
  | { state: 'running'; fingerprint: string; lease: number }
  /** Answered; the answer's JSON text is cut into so many parts, none when it is short enough to be in the record. */
  | { state: 'done'; fingerprint: string; answer?: string; parts?: string[] }
  /** Tried, but the outcome is not kept. */
  | { state: 'free' };

/** Records over the key-value store. Text in, text out; who may run is decided elsewhere. */
export interface IdempotencyRecords {
  id(principal: string, route: string, key: string): string;
  fingerprint(body: unknown): string;
  /** The revision written, undefined when the record is not at `expected` any more (0: does not exist). */
  write(call: Call, id: string, record: IdempotencyRecord, expected: number): Promise<number | undefined>;
  read(call: Call, id: string): Promise<{ record: IdempotencyRecord; revision: number } | undefined>;
  /** Stores what does not fit into the record and answers the record. */
  done(call: Call, id: string, end: { fingerprint: string; outcome: unknown }): Promise<IdempotencyRecord>;
  outcome(call: Call, record: IdempotencyRecord & { state: 'done' }): Promise<unknown>;
}

const DAY_NS = 86_400_000_000_000;
/** Characters; at most three bytes each, so that a part stays under NATS' default limit of 1 MiB. */
const PART = 256 * 1024;

/** Makes the records; the bucket is created with the first write. */
export function createIdempotencyRecords(kv: KvStore): IdempotencyRecords {
  let ready: Promise<unknown> | undefined;

  return {
    id: (principal, route, key) => sha256(JSON.stringify([principal, route, key])),
    fingerprint: body => sha256(stringifyExact(body ?? null)),
    write,
    read,
    done,
    outcome,
  };

  async function write(call: Call, id: string, record: IdempotencyRecord, expected: number) {
    try {
      return await put(call, id, JSON.stringify(record), expected);
    } catch (error) {
      if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return undefined;
      throw error;
    }
  }

  async function read(call: Call, id: string) {
    const found = await kv.get(call, { bucket: IDEMPOTENCY_BUCKET, key: id });
    if (!isEntry(found)) return undefined;
    return { record: JSON.parse(decode(found.value)) as IdempotencyRecord, revision: found.revision };
  }

  async function done(call: Call, id: string, end: { fingerprint: string; outcome: unknown }) {
    const text = stringifyExact(end.outcome);
    const base = { state: 'done', fingerprint: end.fingerprint } as const;
    if (text.length <= PART) return { ...base, answer: text };
    // Named by chance: a runner that was taken over must not write into the parts of the other.
    const run = `${id}.${crypto.randomUUID()}`;
    const parts = slices(text).map((slice, index) => ({ key: `${run}.${index}`, slice }));
    await Promise.all(parts.map(part => put(call, part.key, part.slice)));
    return { ...base, parts: parts.map(part => part.key) };
  }

  async function outcome(call: Call, record: IdempotencyRecord & { state: 'done' }): Promise<unknown> {
    if (record.answer !== undefined) return parseExact(record.answer);
    return parseExact((await Promise.all((record.parts ?? []).map(part => text(call, part)))).join(''));
  }

  async function text(call: Call, key: string): Promise<string> {
    const found = await kv.get(call, { bucket: IDEMPOTENCY_BUCKET, key });
    if (isEntry(found)) return decode(found.value);
    throw new PackError(
      'UNAVAILABLE',
      'The kept answer of this Idempotency-Key has just expired; repeat the call.',
    );
  }

  async function put(call: Call, key: string, value: string, expectedRevision?: number): Promise<number> {
    const write = {
      bucket: IDEMPOTENCY_BUCKET,
      key,
      value,
      ...(expectedRevision !== undefined && { expectedRevision }),
    };
    await ensureBucket(call);
    try {
      return (await kv.put(call, write)).revision;
    } catch (error) {
      if (!(error instanceof PackError && error.code === 'BUCKET_NOT_FOUND')) throw error;
      // Somebody deleted the bucket while we were running.
      ready = undefined;
      await ensureBucket(call);
      return (await kv.put(call, write)).revision;
    }
  }

  async function ensureBucket(call: Call): Promise<void> {
    ready ??= create(call);
    try {
      await ready;
    } catch (error) {
      ready = undefined;
      throw error;
    }
  }

  async function create(call: Call): Promise<void> {
    const options = {
      description: 'Answers kept for repeated calls with the same Idempotency-Key; made by kvflow.',
      history: 1,
      ttl: DAY_NS,
      key_ttl: true,
    };
    await ensureOwnedBucket(kv, call, IDEMPOTENCY_BUCKET, options).catch(ignoreExisting);
  }
}

/** An operator may have made the bucket with other options, such as more replicas. */
function ignoreExisting(error: unknown): void {
  if (!(error instanceof PackError && error.code === 'BUCKET_EXISTS')) throw error;
}

/** Cuts between characters: half a surrogate pair would not survive being stored as UTF-8. */
function slices(text: string): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + PART;
    const split = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
    all.push(text.slice(at, split ? end - 1 : end));
    at = split ? end - 1 : end;
  }
  return all;
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

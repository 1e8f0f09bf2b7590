import { hash } from 'node:crypto';
import { PackError } from '../../contract/errors.ts';
import { parseExact, stringifyExact } from '../../contract/exact-json.ts';
import { IDEMPOTENCY_BUCKET, OWN_BUCKETS } from '../../contract/own-buckets.ts';
import type { Call } from './call.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import { ownedBucket } from './state/owned-bucket.ts';

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
  /** Milliseconds since 1970 by the store's clock, which all processes have in common; by our own while there is no record yet. */
  now(call: Call): Promise<number>;
}

/** Characters; at most three bytes each, so that a part stays under NATS' default limit of 1 MiB. */
const PART = 256 * 1024;

/** Makes the records; the bucket is created with the first write. */
export function createIdempotencyRecords(kv: KvStore): IdempotencyRecords {
  const owned = ownedBucket(kv, { name: IDEMPOTENCY_BUCKET, ...OWN_BUCKETS[IDEMPOTENCY_BUCKET] });

  return {
    id: (principal, route, key) => sha256(JSON.stringify([principal, route, key])),
    fingerprint: body => sha256(stringifyExact(body ?? null)),
    write,
    read,
    done,
    outcome,
    now: call => kv.now(call, IDEMPOTENCY_BUCKET).catch(() => Date.now()),
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
    return await owned.use(call, async () => (await kv.put(call, write)).revision);
  }
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

import type { Call } from '../call.ts';
/** The one place and format of what could not be done and is kept until somebody looks at it. */

import { parseExact, stringifyExact } from '../../../contract/exact-json.ts';
import { DEAD_BUCKET } from '../../../contract/own-buckets.ts';
import type { KvEntry, KvStore } from '../ports.ts';
import { isEntry } from '../ports.ts';

/** An event that could not be stored or handled. */
export interface DeadLetter {
  /** Version of the format: what a later one means by another is not read by this one. */
  v: 1;
  /** Which part of kvflow it is from, such as `identify`; only that part replays it. */
  source: string;
  /** Where it was to go: a destination, a subject. */
  destination: string;
  /** Of the destination, where it has tables. */
  table?: string;
  /** As it came. */
  event: Readonly<Record<string, unknown>>;
  /** Why it could not be stored. */
  code: string;
  message: string;
  /** The column at fault, where one is. */
  column?: string;
  /** RFC 3339: when it was found. */
  at: string;
  /** The call that brought it. */
  by: string;
  /** What its source needs to do it again: plain JSON, of the source alone. */
  settings: unknown;
}

/** A dead letter with its place. */
export interface StoredDeadLetter extends DeadLetter {
  key: string;
  revision: number;
  /** RFC 3339: when it ends with its window. */
  expiresAt?: string;
}

/** Key of a letter: `<source>.<destination>.<bucket>.<namespace>.<what>`, tokens made safe by their source. */
export function deadKey(source: string, ...tokens: string[]): string {
  return [source, ...tokens].join('.');
}

/** Keeps a letter for `ttl` nanoseconds; one of the same key is replaced. The bucket must be there. */
export async function putDeadLetter(
  kv: KvStore,
  call: Call,
  { key, letter, ttl }: { key: string; letter: DeadLetter; ttl: number },
): Promise<void> {
  await kv.put(call, { bucket: DEAD_BUCKET, key, value: stringifyExact(letter), ttl });
}

/** At most `limit` letters by key filter, in the order of their keys; `after`: only keys behind it. */
export async function listDeadLetters(
  kv: KvStore,
  call: Call,
  { filter, limit, after = '' }: { filter: string; limit: number; after?: string | undefined },
): Promise<{ letters: StoredDeadLetter[]; next?: string }> {
  const keys = (await kv.keys(call, DEAD_BUCKET, filter)).filter(key => key > after).sort();
  const page = keys.slice(0, limit);
  const found = page.length > 0 ? await kv.getMany(call, DEAD_BUCKET, page) : [];
  const last = page.at(-1);
  return {
    letters: found.filter(isEntry).map(toLetter),
    ...(keys.length > page.length && last !== undefined && { next: last }),
  };
}

/** Takes a letter out, unless it was written again since. */
export async function dropDeadLetter(
  kv: KvStore,
  call: Call,
  { key, revision }: Pick<StoredDeadLetter, 'key' | 'revision'>,
): Promise<boolean> {
  return await kv.erase(call, { bucket: DEAD_BUCKET, key, upTo: revision });
}

function toLetter({ key, revision, value, expiresAt }: KvEntry): StoredDeadLetter {
  const letter = parseExact(new TextDecoder().decode(value)) as DeadLetter;
  return { ...letter, key, revision, ...(expiresAt && { expiresAt }) };
}

/** A bucket as it was: what is kept of its keys' pasts, read as of a moment. */
import { invalidField } from '../../contract/errors.ts';
import type { Call } from './call.ts';
import type { KvEntry, KvMarker } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';

/** A moment in a bucket's life: by the clock, or right after a revision. */
export type Moment = { at: string } | { revision: number };

/**
 * What a key was at a moment: its item, undefined for none, or `unknown`: what was there is no longer kept, because newer
 * values or a purge have taken its place.
 */
export type StateThen = KvEntry | undefined | 'unknown';

/** Which of two moments changes are looked for between. */
export interface Between {
  bucket: string;
  filter: string;
  since: Moment;
  until?: Moment | undefined;
  /** How many values the bucket keeps of a key. */
  history: number;
}

/** A key that was written between two moments, and all that is kept of it, the oldest first. */
export interface ChangedKey {
  key: string;
  /** Of its first write between the two that is kept. */
  revision: number;
  kept: (KvEntry | KvMarker)[];
}

/** Messages looked at in one step. */
const STEP = 5_000;

/**
 * The moment that an input names.
 * @throws PackError INVALID_INPUT unless it names one of both.
 */
export function momentOf(
  { at, revision }: { at?: string | undefined; revision?: number | undefined },
  pointers: { at: string; revision: string },
): Moment {
  if (at !== undefined && revision === undefined) return { at: new Date(at).toISOString() };
  if (revision !== undefined && at === undefined) return { revision };
  const names = `${pointers.at.slice(1)} or ${pointers.revision.slice(1)}`;
  throw invalidField(pointers.at, at === undefined ? `give ${names}` : `give ${names}, not both`);
}

/** Whether a moment is earlier than another; of a time and a revision nobody can say, and it is not. */
export function isBefore(moment: Moment, than: Moment): boolean {
  if ('at' in moment) return 'at' in than && moment.at < than.at;
  return 'revision' in than && moment.revision < than.revision;
}

/** The moment, or the one before everything where the bucket was not there yet. */
export function sinceMade(moment: Moment, { created_at }: { created_at: string }): Moment {
  return isBefore(moment, { at: created_at }) ? { revision: 0 } : moment;
}

/** Whether two moments are one. */
export function isSame(a: Moment, b: Moment): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether something that was written by then belongs to the moment's past. */
export function isPast(moment: Moment, written: { revision: number; createdAt: string }): boolean {
  return 'at' in moment ? written.createdAt <= moment.at : written.revision <= moment.revision;
}

/** What a key was at a moment, out of all that is kept of it. `history`: how many values its bucket keeps. */
export function stateAt(kept: readonly (KvEntry | KvMarker)[], moment: Moment, history: number): StateThen {
  const last = kept.findLast(each => isPast(moment, each));
  if (last) return isEntry(last) && !hasEnded(last, moment) ? last : undefined;
  if ('revision' in moment && moment.revision === 0) return undefined;
  const [first] = kept;
  const isCut = kept.length >= history || (first && !isEntry(first) && first.operation === 'purge');
  return isCut ? 'unknown' : undefined;
}

function hasEnded({ expiresAt }: KvEntry, moment: Moment): boolean {
  return expiresAt !== undefined && 'at' in moment && expiresAt <= moment.at;
}

/** An item that is put again ends when it was to end, but for the time that writing it takes. */
const SAME_END_MS = 2_000;

/** Whether two items have the same value and the same beside it. */
export function isAlike(a: KvEntry, b: KvEntry): boolean {
  const beside = ({ contentType, metadata, scheduled }: KvEntry) =>
    JSON.stringify([contentType, metadata, scheduled]);
  return beside(a) === beside(b) && endTogether(a, b) && Buffer.compare(a.value, b.value) === 0;
}

function endTogether({ expiresAt: a }: KvEntry, { expiresAt: b }: KvEntry): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Math.abs(Date.parse(a) - Date.parse(b)) <= SAME_END_MS;
}

/** Keys written between two moments, each once, in the order of their first write; a page of them from `after` on. */
export interface ChangedKeysPage {
  keys: ChangedKey[];
  /** `after` of the next page. */
  next: number;
  hasMore: boolean;
}

/**
 * Reads a page of at most `limit` keys; a page may be empty though more follow, where much was written and little changed. A key
 * whose writes between the two were all dropped for newer ones comes with those.
 */
export async function changedKeys(
  call: Call & { kv: KvStore },
  { bucket, filter, since, until, history }: Between,
  page: { after: number; limit: number },
): Promise<ChangedKeysPage> {
  const { kv } = call;
  const startTime = 'at' in since ? since.at : undefined;
  const begin = 'revision' in since ? since.revision : 0;
  const stored = await kv.storedPage(call, {
    bucket,
    filter,
    startSeq: Math.max(page.after, begin),
    limit: STEP,
    ...(startTime !== undefined && { startTime }),
  });
  const keys: ChangedKey[] = [];
  const seen = new Set<string>();
  for (const message of stored.messages) {
    if (message.isOwn || isPast(since, message) || seen.has(message.key)) continue;
    if (keys.length >= page.limit) return { keys, next: message.revision - 1, hasMore: true };
    const kept = await kv.history(call, bucket, message.key);
    const first = kept.find(written => !isPast(since, written));
    // Later: this write has gone meanwhile, and the key comes with the next that is kept. Earlier: it came already.
    if (!first || first.revision > message.revision) continue;
    seen.add(message.key);
    if (first.revision < message.revision) continue;
    const isAfter = until !== undefined && !isPast(until, first);
    if (isAfter && stateAt(kept, until, history) !== 'unknown') continue;
    keys.push({ key: message.key, revision: first.revision, kept });
  }
  return { keys, next: stored.nextSeq, hasMore: stored.hasMore };
}

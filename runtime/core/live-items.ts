import type { FunctionContext } from './define-function.ts';
import { keepMatching } from './keep-matching.ts';
import { lookUntil } from './look-time.ts';
import type { KeyMatcher } from './match-keys.ts';
import { readPlace, writePlace } from './place-cursor.ts';
import type { KvEntry } from './ports/items.ts';

/** Which items of a bucket a call takes, a page at a time. */
export interface ItemsAsked {
  bucket: string;
  filter: string;
  matcher: KeyMatcher | undefined;
  /** Of the answer before, where the call goes on. */
  cursor: string | undefined;
  /** Items read at once. */
  page: number;
  /** Whether `take` itself may write a key into the bucket: such a one is taken only if it was there at the first call. */
  isWritten?(key: string): boolean;
}

/** Takes items; `now` is the server's clock, in milliseconds since 1970. */
export interface ItemTaker {
  take(entries: KvEntry[], now: number): Promise<void>;
  /** Told of items of which it is not known whether the call takes them: they are left where they are. */
  leave(entries: KvEntry[]): void;
  /** Whether the call answers what it has, though more follows. */
  isEnough(): boolean;
}

/** Whether items follow, and how the next call goes on. */
export interface ItemsLeft {
  has_more: boolean;
  cursor?: string;
}

/** Where it goes on: the listing of the bucket, and what was written when it began. */
interface Place {
  until: number;
  listing?: string;
}

/** A call answers what it has done after this long, in milliseconds. */
const LOOK_MS = 10_000;

/**
 * Hands the live items of a bucket to `take`, each once, until none is left, the call's time to look is over, or it is enough. Every item
 * that is live all the time is taken, whatever others write meanwhile; of what `take` may have written itself only what was there
 * at the first call, for it would go on for ever.
 * @param lastSeq the bucket's revision, for a first call.
 * @throws PackError INVALID_INPUT at /cursor for one that no answer had
 */
export async function takeItems(
  ctx: FunctionContext,
  asked: ItemsAsked & { lastSeq: number },
  { take, leave, isEnough }: ItemTaker,
): Promise<ItemsLeft> {
  const { bucket, filter, matcher, cursor, page: limit, lastSeq, isWritten } = asked;
  const end = lookUntil(ctx, LOOK_MS);
  const place: Place = cursor === undefined ? { until: lastSeq } : readPlace<Place>(cursor, isPlace);
  for (let { listing } = place; ; ) {
    const range = { bucket, startSeq: 0, limit, filter, ...(listing !== undefined && { cursor: listing }) };
    const page = await ctx.kv.listPage(ctx, range);
    const now = await ctx.kv.now(ctx, bucket);
    const entries = page.entries.filter(({ key, revision }) => revision <= place.until || !isWritten?.(key));
    const { found, unjudged } = await keepMatching(ctx, matcher, { entries, now });
    await take(found, now);
    leave(unjudged);
    listing = page.cursor;
    if (!page.hasMore) return { has_more: false };
    if (Date.now() < end && !isEnough()) continue;
    return { has_more: true, ...(listing !== undefined && { cursor: writePlace({ ...place, listing }) }) };
  }
}

function isPlace({ until, listing }: Partial<Place>): boolean {
  return Number.isSafeInteger(until) && typeof listing === 'string';
}

import type { Call } from '../../../core/call.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { Listing, Stand } from './listing.ts';

/**
 * Where somebody reads a bucket page by page, the next page is asked for while this one is answered. What was delivered so is
 * older than the request that it is answered to, and may be past by then: it is answered only where the stream stands as it did before
 * it was asked for, or where it is found to be its key's last still.
 */

/** What happened to a stream since it stood in some way; `written` where it is not known. */
export type Change = 'none' | 'removed' | 'written';

/** Of a bucket that is written all the time little is gained: after so many pages it is tried again, then after twice as many. */
const FIRST_REST = 4;
const MAX_REST = 256;

/** How the stream stands now; undefined where it cannot be told, for want of an answer or since its replicas may differ. */
export async function standOf(call: Call, handle: BucketHandle): Promise<Stand | undefined> {
  if (!hasOneCopy(handle)) return undefined;
  try {
    const { created, state } = await handle.api.streamInfo(call, handle.stream);
    return { created, lastSeq: state.last_seq, messages: state.messages };
  } catch {
    return undefined;
  }
}

/** What became of the stream between two moments. */
export function changeBetween(before: Stand | undefined, now: Stand | undefined): Change {
  if (!before || !now || before.created !== now.created || before.lastSeq !== now.lastSeq) return 'written';
  return before.messages === now.messages ? 'none' : 'removed';
}

/** Whether this page is one of several that are read one after the other, and reading ahead is worth a try. */
export function mayReadAhead(listing: Listing, handle: BucketHandle): boolean {
  if (!listing.consumer || !hasOneCopy(handle)) return false;
  listing.rest = Math.max(0, (listing.rest ?? 0) - 1);
  return listing.rest === 0;
}

/**
 * Leaves it for some pages, as the bucket is written meanwhile.
 * @param keepsStand a consumer of latest messages goes by how the stream stood when it was made.
 */
export function restFromAhead(listing: Listing, keepsStand: boolean): void {
  if (!keepsStand) listing.stood = undefined;
  listing.rests = Math.min(MAX_REST, (listing.rests ?? FIRST_REST / 2) * 2);
  listing.rest = listing.rests + 1;
}

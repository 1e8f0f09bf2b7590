import type { Listing } from './listing.ts';
import { closeListing } from './listing.ts';

/**
 * Listings between two of their pages. By the place where the next page begins one only makes pages cheaper: what it
 * holds is the same for everybody who asks from there, so that nothing depends on who asks which process. By cursor it
 * also knows which keys were answered; when that is lost, keys that were written since may come again, and none is left out.
 */
export interface ListingsUnderWay {
  /** Takes a listing out. */
  take(id: string): Listing | undefined;
  keep(id: string, listing: Listing): void;
  /** Ends all that have a consumer; whether there were any. What they know of their keys stays. */
  giveUp(): boolean;
}

/** How long a listing is kept for its next page. */
export const IDLE_MS = 45_000;
const MAX_LISTINGS = 64;
/** Keys answered, of all listings together; up to 32 bytes each. */
const MAX_ANSWERED = 4_000_000;

/** Makes the listings under way of one connection. */
export function createListingsUnderWay(): ListingsUnderWay {
  const kept = new Map<string, { listing: Listing; until: number }>();
  let sweep: NodeJS.Timeout | undefined;
  return { take, keep, giveUp };

  function take(id: string): Listing | undefined {
    const found = kept.get(id);
    kept.delete(id);
    return found?.listing;
  }

  function keep(id: string, listing: Listing): void {
    end(id);
    kept.set(id, { listing, until: Date.now() + IDLE_MS });
    makeRoom();
    sweep ??= setInterval(expire, IDLE_MS / 3).unref();
  }

  function giveUp(): boolean {
    const all = [...kept.values()].map(({ listing }) => listing).filter(({ consumer }) => consumer);
    for (const listing of all) closeListing(listing);
    return all.length > 0;
  }

  /** The oldest go first: a Map keeps the order of insertion. One alone may be larger than all may be together. */
  function makeRoom(): void {
    let answered = 0;
    for (const { listing } of kept.values()) answered += listing.answered?.size() ?? 0;
    for (const [id, { listing }] of kept) {
      if (kept.size <= 1 || (kept.size <= MAX_LISTINGS && answered <= MAX_ANSWERED)) return;
      answered -= listing.answered?.size() ?? 0;
      end(id);
    }
  }

  function expire(): void {
    for (const [id, { until }] of kept) if (until < Date.now()) end(id);
    if (kept.size > 0) return;
    clearInterval(sweep);
    sweep = undefined;
  }

  function end(id: string): void {
    const listing = take(id);
    if (listing) closeListing(listing);
  }
}

import { randomBytes } from 'node:crypto';
import type { Call } from '../../../core/call.ts';
import type { KvMarker } from '../../../core/ports/items.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { KvDeletedPage, KvListPage, KvPage } from '../../../core/ports/pages.ts';
import type { KvEvent } from '../../../core/ports/watches.ts';
import type { Requests } from '../../requests.ts';
import type { BucketHandle, Handles } from '../bucket/handles.ts';
import { patternsOf } from '../bucket/key-patterns.ts';
import type { FindForms } from '../read/adopt.ts';
import type { BatchReader } from '../read/batch.ts';
import { createAnsweredKeys } from './answered-keys.ts';
import type { Cursor } from './cursor.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { Listing } from './listing.ts';
import { closeListing, startListing } from './listing.ts';
import { createListingsUnderWay } from './listings-under-way.ts';
import type { Picker } from './page-filling.ts';
import { eventOf, isUnreadable, withoutValue } from './page-filling.ts';
import type { PageReading } from './read-page.ts';
import { readPage } from './read-page.ts';
import { keepsConsumers } from './room-for-consumers.ts';

/** Lists a bucket page by page, in the order of sequence. */
export interface Lister {
  /** Live items. */
  live(call: Call, page: KvListPage): Promise<KvPage>;
  /** What became of the keys that are not live. */
  deleted(call: Call, page: KvListPage): Promise<KvDeletedPage>;
}

/** What listing works with. */
export interface ListDependencies {
  requests: Requests;
  handles: Handles;
  batches: BatchReader;
}

/** What listing live and deleted keys works with beside. */
export interface ListerDependencies extends ListDependencies {
  findForms: FindForms;
}

interface Range extends KvListPage {
  deleted: boolean;
}

/** Makes the lister of one connection. */
export function createLister({ requests, handles, batches, findForms }: ListerDependencies): Lister {
  /** By the place where the next page begins: they make it cheaper, and are the same for everybody who asks from there. */
  const places = createListingsUnderWay();
  /** By cursor, after the first page: most are never asked for. */
  const begun = createListingsUnderWay();
  const underWay = createListingsUnderWay();
  for (const kept of [places, underWay]) keepsConsumers(requests, kept.giveUp);
  return {
    live: async (call, page) => {
      const { entries, ...rest } = await list(call, { ...page, deleted: false });
      return { entries: entries.filter(isEntry), ...rest };
    },
    deleted: async (call, page) => {
      const { entries, ...rest } = await list(call, { ...page, keysOnly: true, deleted: true });
      return { entries: entries.filter(isMarker), ...rest };
    },
  };

  async function list(call: Call, range: Range) {
    const handle = await handles.open(call, range.bucket);
    const at = placeOf(handle, range);
    const listing = found(handle, range, at);
    try {
      return await pageOf(call, handle, range, { at, listing });
    } catch (error) {
      // What was opened for a page that failed is not left on the server; which keys were answered before it stays known.
      closeListing(listing);
      const { answered } = listing;
      if (answered) underWay.keep(idOfCursor(range, at), { ...startListing(at.after), answered });
      throw error;
    }
  }

  async function pageOf(
    call: Call,
    handle: BucketHandle,
    range: Range,
    { at, listing }: { at: Cursor; listing: Listing },
  ) {
    const { entries, unreadable, full, end } = await readPage(call, listing, readingOf(handle, range));
    const named = () => (unreadable.size > 0 ? { unreadable: [...unreadable] } : {});
    const isBehind = end || full || listing.held.length > 0;
    const nextSeq = isBehind ? (entries.at(-1)?.revision ?? at.after) : listing.readTo;
    const keys = [...entries.map(({ key }) => key), ...unreadable];
    const shown = await ofEveryForm(call, handle, range, { entries, unreadable });
    if (end) {
      closeListing(listing);
      const lookedTo = entries.length > 0 ? nextSeq : Math.max(at.after, listing.readTo);
      return { entries: shown, hasMore: false, nextSeq, lookedTo, ...named() };
    }
    if (range.isLast) {
      closeListing(listing);
      return { entries: shown, hasMore: true, nextSeq, ...named() };
    }
    const next = { ...at, after: nextSeq, page: at.page + 1 };
    keep(handle, range, { next, listing, keys });
    return { entries: shown, hasMore: true, nextSeq, cursor: writeCursor(next), ...named() };
  }

  /** What other clients stored otherwise is one key with ours, and what was written last is what there is. */
  async function ofEveryForm(
    call: Call,
    handle: BucketHandle,
    range: Range,
    { entries, unreadable }: { entries: KvEvent[]; unreadable: Set<string> },
  ) {
    if (!handle.codec.forms) return entries;
    const newest = await findForms(
      call,
      handle,
      entries.map(({ key }) => key),
    );
    const pick = pickOf(handle, range);
    return entries.flatMap(entry => {
      const message = newest.get(entry.key);
      const shown = message && message.seq > entry.revision ? pick(message) : entry;
      if (!shown || !isUnreadable(shown)) return shown ?? [];
      unreadable.add(shown.key);
      return [];
    });
  }

  /** The listing that stands where the page begins, or a new one. */
  function found(handle: BucketHandle, range: Range, at: Cursor): Listing {
    const atPlace = () => places.take(idOfPlace(handle, range, at.after)) ?? startListing(at.after);
    if (range.cursor === undefined) return atPlace();
    const id = idOfCursor(range, at);
    const answered = begun.take(id)?.answered;
    if (answered) return { ...atPlace(), answered };
    return underWay.take(id) ?? { ...startListing(at.after), answered: createAnsweredKeys() };
  }

  function keep(
    handle: BucketHandle,
    range: Range,
    page: { next: Cursor; listing: Listing; keys: string[] },
  ) {
    const { next, listing, keys } = page;
    const answered = listing.answered ?? createAnsweredKeys();
    for (const key of keys) answered.add(key);
    if (listing.answered) {
      underWay.keep(idOfCursor(range, next), listing);
      return;
    }
    places.keep(idOfPlace(handle, range, next.after), listing);
    begun.keep(idOfCursor(range, next), { ...startListing(next.after), answered });
  }

  function readingOf(handle: BucketHandle, range: Range): PageReading {
    return {
      requests,
      batches,
      handle,
      patterns: patternsOf(handle, [range.filter]),
      headersOnly: range.keysOnly === true,
      rare: range.deleted,
      limit: range.limit,
      pick: pickOf(handle, range),
    };
  }
}

/** Where a page begins: at the cursor, where it is of this bucket and not of an earlier one of its name. */
function placeOf(handle: BucketHandle, { cursor, startSeq }: Range): Cursor {
  const bucket = Date.parse(handle.created).toString(36);
  const begun = { bucket, after: startSeq, listing: randomBytes(9).toString('base64url'), page: 1 };
  if (cursor === undefined) return begun;
  const at = readCursor(cursor);
  return at.bucket === bucket ? at : { ...begun, after: 0 };
}

function idOfCursor(range: Range, { listing, page, after }: Cursor): string {
  return `${rangeId(range)}\n${listing}\n${page}\n${after}`;
}

function idOfPlace(handle: BucketHandle, range: Range, after: number): string {
  return `${rangeId(range)}\n${handle.incarnation}\n${after}`;
}

function rangeId({ bucket, filter, keysOnly = false, deleted, namesUnreadable = false }: Range): string {
  return `${bucket}\n${filter}\n${keysOnly}\n${deleted}\n${namesUnreadable}`;
}

function pickOf(handle: BucketHandle, { deleted, keysOnly, filter, namesUnreadable }: Range): Picker {
  const { wants } = patternsOf(handle, [filter]);
  return message => {
    const event = eventOf(handle, message, namesUnreadable);
    if (!event || !wants(event.key)) return undefined;
    if (isUnreadable(event)) return event;
    if (isEntry(event) === deleted) return undefined;
    return isEntry(event) && keysOnly ? withoutValue(event, message) : event;
  };
}

function isMarker(event: KvEvent): event is KvMarker & { key: string } {
  return !isEntry(event);
}

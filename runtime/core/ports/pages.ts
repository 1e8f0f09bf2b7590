import type { KvEntry, KvMarker } from './items.ts';
import type { KvEvent } from './watches.ts';

/** Which page of a bucket to list. */
export interface KvListPage {
  bucket: string;
  /** Only items written after this sequence number. */
  startSeq: number;
  limit: number;
  filter: string;
  /** The values stay on the server: entries have an empty one, and a `size`. */
  keysOnly?: boolean;
  /** The cursor of the page before, in place of `startSeq`: no key comes twice. */
  cursor?: string;
  /** What a newer kvflow wrote in a form of its own is named by the page; else it fails with UNSUPPORTED. */
  namesUnreadable?: boolean;
  /** The page after it will hardly be asked for: nothing is kept for it, and it has no cursor. */
  isLast?: boolean;
}

/** Where the page after a page begins. */
export interface KvNextPage {
  hasMore: boolean;
  /** `startSeq` of the next page: a page may end before it is full, and even be empty, where little is wanted of much. */
  nextSeq: number;
  /** Where nothing follows: up to this sequence there is nothing but what was answered. It may have come through many markers. */
  lookedTo?: number;
  /**
   * Only where more follows. Sent back, every key that is live from the first page to the last comes once; without it a key
   * that is written again meanwhile may come again.
   */
  cursor?: string;
  /** Keys that a newer kvflow wrote in a form that this one would misread, where the page is to name them. */
  unreadable?: string[];
}

/** A page: live items in the order of their sequence, and whether more follow. */
export interface KvPage extends KvNextPage {
  entries: KvEntry[];
}

/** Which changes to read, newest first. */
export interface KvNewestRange {
  bucket: string;
  filter: string;
  /** Only those of lower revisions. */
  before?: number;
  limit: number;
}

/** Changes without their values, newest first. */
export interface KvNewestChanges {
  changes: KvEvent[];
  /** `before` of the next page. */
  before: number;
  hasMore: boolean;
}

/** A page of keys that are not live any more, in the order in which they ended. */
export interface KvDeletedPage extends KvNextPage {
  entries: (KvMarker & { key: string })[];
}

/** Some of what is kept of a bucket, past values and markers too, in the order of revisions. */
export interface KvHistoryPage extends Omit<KvNextPage, 'cursor'> {
  entries: KvEvent[];
  /** Which bucket these revisions are of: another where it was made again. */
  source: string;
}

/** A message of a bucket as it is stored, without its value. */
export interface KvStored {
  key: string;
  revision: number;
  /** RFC 3339. */
  createdAt: string;
  /** Bytes of the value. */
  size: number;
  /** What it adds to the bucket's bytes. */
  bytes: number;
  /** A marker, and of what; undefined: a value. */
  operation?: KvMarker['operation'];
  /** It is no item: kvflow keeps it for itself. */
  isOwn?: true;
}

/** Which page of what is stored to read. */
export interface KvStoredRange extends Omit<KvListPage, 'keysOnly' | 'cursor'> {
  /** RFC 3339: only what was stored then or later. */
  startTime?: string;
}

/** Some of what is stored of a bucket, in the order of revisions. */
export interface KvStoredPage extends Omit<KvNextPage, 'cursor'> {
  messages: KvStored[];
}

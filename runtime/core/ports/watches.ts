import type { KvEntry, KvMarker } from './items.ts';

/** What to watch. */
export interface KvWatchRange {
  bucket: string;
  /** One pattern, or several. */
  filter: string | readonly string[];
  /** Values stay where they are; their sizes are told. */
  headersOnly?: boolean;
  /** What ended an item is not told. */
  ignoreDeletes?: boolean;
  /** What a newer kvflow wrote in a form of its own comes as `isUnreadable`; else the watch fails with UNSUPPORTED. */
  namesUnreadable?: boolean;
  /** new: what is written from now on; current: first each key's latest value; history: first all that is kept. */
  start: 'new' | 'current' | 'history';
  /** Who watches asked for what is new alone, and keeps no state: where ends may have been missed nothing is told again. */
  onlyNew?: boolean;
  /** Go on after this revision instead of `start`. */
  after?: number;
  /** Which bucket of this name gave that revision, where it is known. */
  bucketId?: string;
  /** Up to where ends were told before: see {@link KvEndsTold}. */
  ended?: number;
  endedRevision?: number;
}

/** A watch could not go on where it was. */
export interface KvWatchReset {
  /**
   * `bucket_made_again`: what was watched before is void. `ends_missed`: values may have ended since that nothing is left of to tell
   * it by; what was written is told all the same.
   */
  reason: 'bucket_made_again' | 'ends_missed';
  /** What follows begins behind this revision; 0: with each key's latest state. */
  after: number;
}

/** Up to where the ends of values were told: by their time, and within one millisecond by their revision. */
export interface KvEndsTold {
  /**
   * Milliseconds since 1970, by the server's clock. Where an end leaves nothing behind it may be still to come: until then no value ends
   * of which the watch has told.
   */
  ended: number;
  /** Of the ends at exactly `ended` only those of values up to this revision were told. Undefined: all were. */
  endedRevision?: number;
}

/**
 * Where a watch stands after an event in a bucket whose values end: what was written up to `after` and what ended up to `ended` was
 * told. Without `ended` it is not known of what ended: what was there before the watch is still being told.
 */
export interface KvPlace extends Partial<KvEndsTold> {
  after: number;
}

/** A change of a key: a value, or the marker that ended it. Of a watch's with its place, where the revision does not say it. */
export type KvEvent = (KvEntry | (KvMarker & { key: string })) & { place?: KvPlace };

/** A watch under way. It goes on over lost connections and restarted servers without a gap or a repetition. */
export interface KvWatch {
  /**
   * The next changes in order, up to `most`; an empty list when none came within `waitMs`. Nothing is read ahead of
   * the one who asks, so a slow reader costs no memory. Throws when the bucket is gone or NATS stays away.
   */
  next(most: number, waitMs: number): Promise<KvEvent[]>;
  /**
   * Whether `next` has not answered yet all that there was when the watch began. A short or empty list does not say that it
   * has: what is there may be slow to come.
   */
  hasMore(): boolean;
  /**
   * Why what was watched before does not hold, told once, before the watch or during it. What `next` answers from then on
   * begins with each key's latest state, or, where a watch of what is `new` goes on, behind what it told.
   */
  takeReset(): KvWatchReset | undefined;
  /** Which bucket of the name is watched: another where it was made again, the same for every process. */
  bucketId(): string;
  /** Up to where ends were told; undefined where the revision alone says where the watch stands. */
  ended(): KvEndsTold | undefined;
  /** Where the watch stands behind what it was sent and nobody wants, after which there is no event yet. */
  passed(): KvPlace;
  /** Revision of the last write there was when the watch began, or began anew by a reset: all before it is the past. */
  startedAt(): number;
  close(): void;
}

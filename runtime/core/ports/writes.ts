import type { KvAbout, KvScheduled } from './items.ts';

/** A write. What is kept beside the value before goes with it. */
export interface KvPut extends KvAbout {
  bucket: string;
  key: string;
  value: string | Uint8Array;
  /** Nanoseconds. */
  ttl?: number;
  /** When that much was left, in milliseconds of this process's clock (performance.now). Default: when it is sent. */
  ttlAt?: number;
  /** When it is over by whoever asks, in milliseconds since 1970: told so where it is the same but for some milliseconds; without `ttlAt` by the server's clock, and exact. */
  endsAt?: number;
  /** Write only on top of this revision; 0: only if the key does not exist. */
  expectedRevision?: number;
  /** Put at this time (milliseconds since 1970, by the server's clock); what is expected counts then. Default: now. */
  at?: number;
  /** What the item waits for; set by the store itself. */
  scheduled?: KvScheduled;
}

/** A put that is stored. */
export interface KvPutAnswer {
  /** RFC 3339; only of a put that waits, whose revision is that of the key `waitsAs`. */
  dueAt?: string;
  waitsAs?: string;
  revision: number;
  /** RFC 3339; only with a ttl. */
  expiresAt?: string;
}

/** Ends an item. A delete keeps its history, a purge drops it; both leave a marker. */
export interface KvRemove {
  bucket: string;
  key: string;
  operation: 'delete' | 'purge';
  /** Only if this is the key's current revision. */
  expectedRevision?: number;
}

/** An item to take out of a bucket as if it had never been there. */
export interface KvErase {
  bucket: string;
  key: string;
  /** Only what was written at this revision or before. */
  upTo: number;
}

/** A counter's step. */
export interface KvIncrement {
  bucket: string;
  key: string;
  by: number;
  /** Where a counter that does not exist begins. */
  initial: number;
  /** A step that would leave these bounds is not taken. */
  min?: number;
  max?: number;
  /** Nanoseconds from the first step; later steps do not move the end. */
  ttl?: number;
}

/** A counter after a step, or as it stands where the step was not taken. */
export interface KvCounter {
  value: number;
  revision: number;
  applied: boolean;
  /** RFC 3339; when the counter ends, where it has a ttl. */
  expiresAt?: string;
}

/** New ttl, same value. */
export interface KvTouch {
  bucket: string;
  key: string;
  /** Nanoseconds from now; 0: no ttl; undefined: the ttl it was written with, from now. */
  ttl?: number;
  expectedRevision?: number;
}

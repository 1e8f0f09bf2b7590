import type { KvAbout, KvEntry } from './items.ts';
import type { KvPut, KvPutAnswer } from './writes.ts';

/** What a key must be at for a transaction to be made. */
export interface KvCheck {
  key: string;
  /** 0: no live item. A marker's revision is taken too, as `get` answers it: then nothing was written since either. */
  revision: number;
}

/** One write of a transaction. A delete keeps the key's history, a purge drops it; both are written where nothing is, too. */
export type KvOperation =
  | (KvTransactPut & { op: 'put' })
  | { op: 'delete' | 'purge'; key: string; expectedRevision?: number }
  | KvChange;

/**
 * A write that follows from what is stored. It is worked out anew, and stored only on top of what it was worked out from,
 * until no other write comes between; the item keeps its ttl's end and what else belongs to it.
 */
export interface KvChange {
  op: 'change';
  key: string;
  expectedRevision?: number;
  /** Key whose item is changed into the new one. Default: `key`. */
  from?: string;
  /** Called at least once, with the live item. Undefined: the key stays as it is. What it throws ends the transaction. */
  change(found: KvEntry | undefined): KvChanged | undefined;
}

/** The new value of a changed item; it keeps what the item has beside its value, unless it comes with some. */
export interface KvChanged extends KvAbout {
  value: string | Uint8Array;
  /** Nanoseconds from now, in place of the end the item has. */
  ttl?: number;
}

/** A put of a transaction. */
export type KvTransactPut = Omit<KvPut, 'bucket' | 'at'>;

/** Writes to one bucket that are stored together or not at all. */
export interface KvTransaction {
  bucket: string;
  /** As in {@link KvGet}, of every key. */
  isOwn?: boolean;
  /** Keys that were read and are to be as they were, written here or not. */
  checks?: readonly KvCheck[];
  /** In the order in which they are stored; a key may come more than once, then only its first may expect a revision. */
  operations: readonly KvOperation[];
}

/** A transaction that was stored. */
export interface KvCommit {
  /** One for each operation, in order. The revision of a change that left its key as it is: the one it is at, 0 without an item. */
  results: KvPutAnswer[];
}

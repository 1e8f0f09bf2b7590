import type { Call } from './call.ts';
/** What functions may ask of the world. Implemented elsewhere, so that functions stay free of I/O. */

import type { PackError } from '../../contract/errors.ts';
import type { BucketInfo, Origin, Placement, Republish } from '../../contract/types.gen.ts';
import type { WrittenBy } from '../../contract/written-by.ts';

/** How a bucket is to be made; what is missing takes the contract's default. */
export interface BucketOptions {
  description?: string;
  /** Nanoseconds; 0, -1 and null: items do not expire. */
  ttl?: number | null;
  history?: number;
  max_bytes?: number;
  max_value_size?: number;
  storage?: 'file' | 'memory';
  num_replicas?: number;
  compression?: boolean;
  metadata?: Record<string, string>;
  placement?: Placement;
  mirror?: Origin;
  republish?: Republish;
  sources?: Origin[];
  key_ttl?: boolean;
  /** Nanoseconds that the server keeps the marker of an item that expired; 0: none. */
  marker_ttl?: number | null;
  key_encoding?: 'none' | 'base64';
  /** JSON Schema that the values of writes must fit. */
  value_schema?: Record<string, unknown>;
  /** Several keys may be written in one commit. Default: true where the server can (2.12). */
  transactions?: boolean;
}

/** What is kept of an item beside its value, until it is put again. */
export interface KvAbout {
  /** Media type of the value. */
  contentType?: string;
  /** The caller's own names and texts; at most 1 KiB as JSON. */
  metadata?: Record<string, string>;
}

/** When and how a waiting item is to be put. */
export interface KvScheduled {
  /** Milliseconds since 1970, by the server's clock. */
  at: number;
  /** Nanoseconds from then on. */
  ttl?: number;
  /** Only if the key is at this revision then. */
  expectedRevision?: number;
}

/** A live item. */
export interface KvEntry extends KvAbout {
  /** Who wrote it, where that is known. */
  by?: WrittenBy;
  /** Only of an item that waits to be put under another key. */
  scheduled?: KvScheduled;
  key: string;
  value: Uint8Array;
  revision: number;
  /** RFC 3339. */
  createdAt: string;
  /** RFC 3339; only where a ttl is set. */
  expiresAt?: string;
  /** Bytes of the value; only where it was left out. */
  size?: number;
  /** A newer kvflow wrote it in a form that this one would misread; only where that was asked for. */
  isUnreadable?: true;
}

/** What is left where an item was. */
export interface KvMarker {
  /** Who ended the item, where that is known. */
  by?: WrittenBy;
  operation: 'delete' | 'purge' | 'expire';
  revision: number;
  /** RFC 3339. */
  createdAt: string;
}

/** A write. What is kept beside the value before goes with it. */
export interface KvPut extends KvAbout {
  bucket: string;
  key: string;
  value: string | Uint8Array;
  /** Nanoseconds. */
  ttl?: number;
  /** When that much was left, in milliseconds of this process's clock (performance.now). Default: when it is sent. */
  ttlAt?: number;
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

/** A read. */
export interface KvGet {
  bucket: string;
  key: string;
  revision?: number;
  /** Any replica or mirror may answer: faster, and maybe a moment old. */
  stale?: boolean;
  /** Nobody but kvflow writes the key: it is not looked for in the forms that other clients give to keys in base64. */
  isOwn?: boolean;
}

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
}

/** Where the page after a page begins. */
export interface KvNextPage {
  hasMore: boolean;
  /** `startSeq` of the next page: a page may end before it is full, and even be empty, where little is wanted of much. */
  nextSeq: number;
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

/** A revision of another bucket, to be written here. */
export type KvRevision = { key: string; revision: number } & (
  | (Omit<KvTransactPut, 'key' | 'expectedRevision'> & { operation?: undefined })
  | {
      operation: KvMarker['operation'];
      /** RFC 3339; when the item ended. */
      createdAt: string;
    }
);

/** Revisions to be written in their order, on keys that have nothing of another origin. */
export interface KvHistoryImport {
  bucket: string;
  /** `source` of the pages they came with. */
  source: string;
  revisions: readonly KvRevision[];
  /** A key that has something of another origin: is left as it is, loses it to what is imported, or ends the import. */
  onConflict: 'skip' | 'overwrite' | 'fail';
}

/** What a backup says of itself, before its parts. */
export interface BackupHeader {
  bucket: string;
  /** RFC 3339, by the server's clock: the moment the bucket was as it is in the backup. */
  at: string;
  /** The bucket's last revision then. */
  revision: number;
  /** Values and markers, past ones too. */
  messages: number;
  /** How long writes had to wait; milliseconds. */
  paused_ms: number;
  /** What stored keys begin with. */
  prefix: string;
  /** The server's own description of the bucket. */
  config: object;
  state: object;
}

/** A whole bucket as it was at one moment, with history. Its parts are to be taken without long pauses; then it is disposed of. */
export interface KvBackup extends AsyncDisposable {
  header: BackupHeader;
  /** The server's archive. */
  parts: AsyncIterable<Uint8Array>;
}

/** A backup that is to be a bucket again. */
export interface KvRestore {
  /** Its name from now on, which no bucket has. */
  bucket: string;
  header: BackupHeader;
  /** What these throw ends the restore, and nothing is left of it. */
  parts: AsyncIterable<Uint8Array>;
  /** In place of as many as the bucket had. */
  replicas?: number;
}

/** Options to change; null takes one away. */
export type BucketChanges = {
  [Name in keyof BucketOptions]?: BucketOptions[Name] | null;
};

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

/** Many items, and the keys of which nothing can be said. */
export interface KvMany {
  /** In the order of the keys. */
  found: (KvEntry | KvMarker | undefined)[];
  /** Not read any more: the values had enough bytes. */
  leftOut: string[];
  /** The server has a record of the key and cannot read it, or a newer kvflow wrote it in a form of its own. */
  unreadable: string[];
}

/** Items that stood together. */
export interface KvTogether {
  /** In the order of the keys. */
  found: (KvEntry | KvMarker | undefined)[];
  /** The bucket's revision at which they did. */
  revision: number;
  /** As in {@link KvMany}. */
  unreadable: string[];
}

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
   * Why what was watched before does not hold, told once, before the watch or during it. What `next` answers from then on
   * begins with each key's latest state, or, where a watch of what is `new` goes on, behind what it told.
   */
  takeReset(): KvWatchReset | undefined;
  /** Which bucket of the name is watched: another where it was made again, the same for every process. */
  bucketId(): string;
  /** Up to where ends were told; undefined where the revision alone says where the watch stands. */
  ended(): KvEndsTold | undefined;
  /** Revision of the last write there was when the watch began: all before it is the past. */
  readonly startedAt: number;
  close(): void;
}

/** What is used of something, and how much there may be; -1: no limit. */
export interface Quota {
  used: number;
  limit: number;
}

/** What the account holds on one kind of storage, in bytes. `reserved` was promised to buckets by their max_bytes. */
export interface StorageQuota extends Quota {
  reserved: number;
}

/** The JetStream account behind the buckets. */
export interface AccountInfo {
  /** JetStream domain, where it has a name. */
  domain?: string;
  file: StorageQuota;
  memory: StorageQuota;
  /** Buckets are streams, and so are other things. */
  streams: Quota;
  consumers: Quota;
  /** Limits by number of replicas, such as R3, where the account has them; the figures above are then their sums. */
  tiers?: ({ name: string } & Omit<AccountInfo, 'domain' | 'tiers'>)[];
}

/** The buckets of an account. */
export interface BucketList {
  /** Sorted by name. */
  buckets: BucketInfo[];
  /** Names, sorted, of buckets that are there and that no server answers for just now. */
  unavailable: string[];
}

/**
 * Key-value buckets. Every method honours the call's deadline and throws PackError only.
 * @example
 * import type { KvStore } from './ports.ts';
 *
 * export async function touchTwice(kv: KvStore): Promise<number> {
 *   const call = { deadline: Date.now() + 10_000 };
 *   const { revision } = await kv.put(call, { bucket: 'users', key: 'user.1', value: '{}' });
 *   // Refused with REVISION_CONFLICT where somebody was faster.
 *   const second = await kv.put(call, { bucket: 'users', key: 'user.1', value: '[]', expectedRevision: revision });
 *   return second.revision;
 * }
 */
export interface KvStore {
  /** Throws BUCKET_EXISTS with the differing options. */
  createBucket(
    call: Call,
    bucket: string,
    options: BucketOptions,
  ): Promise<{ created: boolean; info: BucketInfo }>;
  listBuckets(call: Call): Promise<BucketList>;
  /** Without `count` its number of values is what the server counts, deleted keys among them: cheap for a bucket that changes. */
  bucketInfo(call: Call, bucket: string, options?: { count: boolean }): Promise<BucketInfo>;
  accountInfo(call: Call): Promise<AccountInfo>;
  /** Milliseconds since 1970 by the clock of the server behind a bucket, which decides when items end. */
  now(call: Call, bucket: string): Promise<number>;
  /** Throws IMMUTABLE naming what cannot change. `mirror: null` makes a mirror a bucket of its own. */
  updateBucket(call: Call, bucket: string, changes: BucketChanges): Promise<BucketInfo>;
  deleteBucket(call: Call, bucket: string): Promise<void>;
  /**
   * The bucket as it stood at one moment. Where it is written to, its writes wait for it, mostly less than a second. Throws
   * UNSUPPORTED where no moment can be held.
   */
  backup(call: Call, bucket: string): Promise<KvBackup>;
  /** Another bucket, `to`, that is what this one was at one moment: a backup and its restore without the way in between. */
  copyBucket(call: Call, copy: { bucket: string; to: string }): Promise<BackupHeader>;
  /** Revisions, times, ends and history are those of the backup. Throws BUCKET_EXISTS. */
  restore(call: Call, what: KvRestore): Promise<void>;
  /**
   * Another where the bucket may be another, made again under its name, so that revisions seen before say nothing any
   * more. Undefined where that is not known at once, or cannot be: of a mirror, whose origin is elsewhere.
   */
  incarnation(call: Call, bucket: string): string | undefined;
  /** The bucket that writes to this one are stored in: itself, or what it mirrors. */
  storedIn(call: Call, bucket: string): Promise<string>;
  put(call: Call, write: KvPut): Promise<KvPutAnswer>;
  /**
   * Many puts, each answered by itself, in order: one that is refused does not stop the others. They go in as few commits
   * as there can be. Puts on one key are made in their order.
   */
  putMany(call: Call, bucket: string, puts: readonly KvTransactPut[]): Promise<(KvPutAnswer | PackError)[]>;
  /** A marker where the item was deleted or has expired, undefined where there is no trace of it. */
  get(call: Call, read: KvGet): Promise<KvEntry | KvMarker | undefined>;
  /** In the order of the keys. */
  getMany(call: Call, bucket: string, keys: string[]): Promise<(KvEntry | KvMarker | undefined)[]>;
  /** The same until the values have about so many bytes. */
  getManyWithin(call: Call, bucket: string, keys: string[], bytes: number): Promise<KvMany>;
  /**
   * All as they were at one moment, no earlier than the call: of writes that were stored together all are seen, or none.
   * At most 1,000 keys. Throws UNSUPPORTED for mirrors, which follow write by write.
   */
  getTogether(call: Call, bucket: string, keys: string[]): Promise<KvTogether>;
  /**
   * Makes all writes in one commit. Throws REVISION_CONFLICT with `details.conflicts`, every key that is not at the
   * revision expected and the one it is at, when nothing was written; UNSUPPORTED where more than one write or a check
   * on another key needs what the bucket or its server does not have; TIMEOUT only when it cannot be told whether it
   * was stored.
   */
  transact(call: Call, transaction: KvTransaction): Promise<KvCommit>;
  listPage(call: Call, page: KvListPage): Promise<KvPage>;
  /** Keys whose latest state is a marker, or an item that has expired; as far as NATS keeps a trace of them. */
  listDeleted(call: Call, page: Omit<KvListPage, 'keysOnly'>): Promise<KvDeletedPage>;
  /**
   * What is kept of all keys, from a revision on. Every revision comes once, and each that is kept from the first page to the
   * last comes, whatever is written meanwhile.
   */
  historyPage(call: Call, page: Omit<KvListPage, 'keysOnly' | 'cursor'>): Promise<KvHistoryPage>;
  /** Everything that is stored of all keys, from a revision on: what fills the bucket. */
  storedPage(call: Call, page: KvStoredRange): Promise<KvStoredPage>;
  /**
   * One answer for each revision, in order; `skipped` where it is there already, or its key has something else. Throws
   * REVISION_CONFLICT before anything is written, where that is to end the import.
   */
  importHistory(call: Call, history: KvHistoryImport): Promise<('written' | 'skipped' | PackError)[]>;
  /** What is kept of a bucket's writes, newest first. A page may have fewer than asked for, or none, while more follow. */
  newestChanges(call: Call, range: KvNewestRange): Promise<KvNewestChanges>;
  /** All that is kept of a key, oldest first. */
  history(call: Call, bucket: string, key: string): Promise<(KvEntry | KvMarker)[]>;
  /** The marker's revision, or undefined where there was no live item to remove. */
  remove(call: Call, removal: KvRemove): Promise<number | undefined>;
  /**
   * Takes an item out, with its history and markers, and leaves nothing behind: watchers and mirrors do not hear of it. Made
   * for state that comes and goes; what people see is removed with `remove`. Whether there was anything.
   */
  erase(call: Call, what: KvErase): Promise<boolean>;
  /** Notes that markers are about to be erased, so that a watch that was away is told; up to which revision they may be. */
  noteCompaction(call: Call, what: { bucket: string }): Promise<number>;
  /** Keys that match a filter and have a live item or a marker, sorted. Cheap: no value is read. */
  keys(call: Call, bucket: string, filter: string): Promise<string[]>;
  /** Throws KEY_NOT_FOUND. */
  touch(call: Call, touch: KvTouch): Promise<{ revision: number; expiresAt?: string }>;
  /** Atomic under any number of callers and processes; throws NOT_A_NUMBER on a value that is no integer. */
  increment(call: Call, step: KvIncrement): Promise<KvCounter>;
  watch(call: Call, range: KvWatchRange): Promise<KvWatch>;
}

/** Whether a read found a live item. */
export function isEntry(found: KvEntry | KvMarker | undefined): found is KvEntry {
  return found !== undefined && 'value' in found;
}

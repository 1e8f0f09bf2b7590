import type { PackError } from '../../../contract/errors.ts';
import type { BucketInfo, KvAccountInfoOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../call.ts';
import type { BackupHeader, KvBackup, KvHistoryImport, KvRestore } from './backups.ts';
import type { BucketChanges, BucketList, BucketOptions } from './buckets.ts';
import type { KvEntry, KvGet, KvMany, KvMarker, KvTogether } from './items.ts';
import type {
  KvDeletedPage,
  KvHistoryPage,
  KvListPage,
  KvNewestChanges,
  KvNewestRange,
  KvPage,
  KvStoredPage,
  KvStoredRange,
} from './pages.ts';
import type { KvCommit, KvTransaction, KvTransactPut } from './transactions.ts';
import type { KvWatch, KvWatchRange } from './watches.ts';
import type { KvCounter, KvErase, KvIncrement, KvPut, KvPutAnswer, KvRemove, KvTouch } from './writes.ts';

/**
 * Key-value buckets. Every method honours the call's deadline and throws PackError only.
 * @example
 * import type { KvStore } from './kv-store.ts';
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
  /**
   * Throws UNSUPPORTED where the server is too old to store several keys in one commit; `what` needs it, in words that begin
   * the message. Asks nothing of a server that is joined.
   */
  requireTransactions(call: Call, what: string): Promise<void>;
  /** Throws BUCKET_EXISTS with the differing options. */
  createBucket(
    call: Call,
    bucket: string,
    options: BucketOptions,
  ): Promise<{ created: boolean; info: BucketInfo }>;
  listBuckets(call: Call): Promise<BucketList>;
  /** Without `count` its number of values is what the server counts, deleted keys among them: cheap for a bucket that changes. */
  bucketInfo(call: Call, bucket: string, options?: { count: boolean }): Promise<BucketInfo>;
  accountInfo(call: Call): Promise<KvAccountInfoOutput>;
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
  /**
   * The same without the revisions of what is stored, and faster where the bucket is in memory. An error for each put that is not
   * stored, TIMEOUT where it cannot be told; undefined for the others.
   */
  storeMany(call: Call, bucket: string, puts: readonly KvTransactPut[]): Promise<(PackError | undefined)[]>;
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

/** What functions may ask of the world. Implemented elsewhere, so that functions stay free of I/O. */
import type { Call } from './define-function.ts';
import type { BucketInfo, Origin, Placement, Republish } from './generated/contract.ts';

/** How a bucket is to be made; what is missing takes the contract's default. */
export interface BucketOptions {
  description?: string;
  /** Nanoseconds; 0: items do not expire. */
  ttl?: number;
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
  key_encoding?: 'none' | 'base64';
}

/** A live item. */
export interface KvEntry {
  key: string;
  value: Uint8Array;
  revision: number;
  /** RFC 3339. */
  createdAt: string;
  /** RFC 3339; only where a ttl is set. */
  expiresAt?: string;
}

/** What is left where an item was. */
export interface KvMarker {
  operation: 'delete' | 'purge' | 'expire';
  revision: number;
  /** RFC 3339. */
  createdAt: string;
}

/** A write. */
export interface KvPut {
  bucket: string;
  key: string;
  value: string | Uint8Array;
  /** Nanoseconds. */
  ttl?: number;
  /** Write only on top of this revision; 0: only if the key does not exist. */
  expectedRevision?: number;
}

/** A read. */
export interface KvGet {
  bucket: string;
  key: string;
  revision?: number;
  /** Any replica or mirror may answer: faster, and maybe a moment old. */
  stale?: boolean;
}

/** Which page of a bucket to list. */
export interface KvListPage {
  bucket: string;
  /** Only items written after this sequence number. */
  startSeq: number;
  limit: number;
  filter: string;
}

/** A page: live items in the order of their sequence, and whether more follow. */
export interface KvPage {
  entries: KvEntry[];
  hasMore: boolean;
}

/** Key-value buckets. Every method honours the call's deadline and throws PackError only. */
export interface KvStore {
  /** Throws BUCKET_EXISTS with the differing options. */
  createBucket(
    call: Call,
    bucket: string,
    options: BucketOptions,
  ): Promise<{ created: boolean; info: BucketInfo }>;
  listBuckets(call: Call): Promise<BucketInfo[]>;
  put(call: Call, write: KvPut): Promise<{ revision: number; expiresAt?: string }>;
  /** A marker where the item was deleted or has expired, undefined where there is no trace of it. */
  get(call: Call, read: KvGet): Promise<KvEntry | KvMarker | undefined>;
  listPage(call: Call, page: KvListPage): Promise<KvPage>;
}

/** Whether a read found a live item. */
export function isEntry(found: KvEntry | KvMarker | undefined): found is KvEntry {
  return found !== undefined && 'value' in found;
}

import type { BucketInfo, Origin, Placement, Republish } from '../../../contract/types.gen.ts';

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

/** Options to change; null takes one away. */
export type BucketChanges = {
  [Name in keyof BucketOptions]?: BucketOptions[Name] | null;
};

/** The buckets of an account. */
export interface BucketList {
  /** Sorted by name. */
  buckets: BucketInfo[];
  /** Names, sorted, of buckets that are there and that no server answers for just now. */
  unavailable: string[];
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

import type { BucketInfo, KvBucketCreateInput } from '../../../contract/types.gen.ts';

/** How a bucket is to be made; what is missing takes the contract's default. */
export type BucketOptions = Omit<KvBucketCreateInput, 'bucket' | 'num_replicas'> & { num_replicas?: number };

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

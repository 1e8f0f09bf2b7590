import { invalidField } from '../../../contract/errors.ts';
import type { BucketNeeds } from '../../../contract/own-buckets.ts';
import { bucketFaults, OWN_BUCKETS } from '../../../contract/own-buckets.ts';
import type { BucketInfo } from '../../../contract/types.gen.ts';

type Options = { [option in keyof BucketInfo]?: unknown };

/**
 * Options to make a bucket with. Under a name of kvflow's own they are completed by what kvflow makes it with, so that giving
 * it replicas or limits takes nothing else. Throws INVALID_INPUT as {@link requireUsable} does.
 */
export function withOwnOptions<T extends object>(bucket: string, options: T): T {
  const own = ownOf(bucket);
  if (!own) return options;
  const { key_encoding = 'none' } = own.options as Options;
  const completed = { ...own.options, key_encoding, ...options };
  requireUsable(bucket, completed);
  return completed;
}

/** Throws INVALID_INPUT where options would keep kvflow from using a bucket of its own; options that are not there change nothing. */
export function requireUsable(bucket: string, options: Options): void {
  const own = ownOf(bucket);
  if (!own) return;
  const needs: BucketNeeds = own.needs;
  const asked = { ...needs, max_value_size: -1, max_bytes: -1, ttl: 0, ...options };
  // What kvflow itself gives the bucket it can work with.
  const [fault] = bucketFaults(asked as unknown as BucketInfo, needs).filter(
    ({ option }) => options[option] !== (own.options as Options)[option],
  );
  if (!fault) return;
  const { option, needed } = fault;
  throw invalidField(
    `/${option}`,
    `kvflow keeps state of its own in bucket "${bucket}" and cannot work with that: leave ${option} out, or give ${JSON.stringify(needed)}`,
  );
}

function ownOf(bucket: string) {
  return Object.hasOwn(OWN_BUCKETS, bucket) ? OWN_BUCKETS[bucket as keyof typeof OWN_BUCKETS] : undefined;
}

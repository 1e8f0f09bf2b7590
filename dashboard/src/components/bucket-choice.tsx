import { Select } from '@mantine/core';
import type { BucketInfo } from '../../../contract/types.gen.ts';
import { useInvoke } from '../api/use-invoke.ts';

/** What {@link BucketChoice} is given. */
export interface BucketChoiceProps {
  bucket: string;
  /** The one that is used where none is named. */
  usual: string;
  /** Which others could be. */
  fits(info: BucketInfo): boolean;
  /** Undefined: the usual one. */
  onChange(bucket: string | undefined): void;
}

/** Chooses the bucket that a page is about, among those that could be. */
export function BucketChoice({ bucket, usual, fits, onChange }: BucketChoiceProps) {
  const { data } = useInvoke('kv-bucket-list', {});
  const others = data?.buckets.filter(fits).map(info => info.bucket) ?? [];
  return (
    <Select
      aria-label="Bucket"
      w={190}
      data={[...new Set([usual, bucket, ...others])]}
      value={bucket}
      allowDeselect={false}
      onChange={next => onChange(next === usual || next === null ? undefined : next)}
    />
  );
}

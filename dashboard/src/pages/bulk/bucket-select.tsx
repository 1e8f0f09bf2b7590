import { Autocomplete, Select } from '@mantine/core';
import { useInvoke } from '../../api/use-invoke.ts';

/** What {@link BucketSelect} is given. */
export interface BucketSelectProps {
  label: string;
  value: string;
  onChange(bucket: string): void;
  /** Takes names of buckets that are not there yet. */
  free?: boolean;
  description?: string;
}

/** Chooses a bucket. */
export function BucketSelect({ value, onChange, free = false, ...props }: BucketSelectProps) {
  const { data } = useInvoke('kv-bucket-list', {});
  const names = data?.buckets.map(({ bucket }) => bucket) ?? [];
  if (free)
    return (
      <Autocomplete
        {...props}
        data={names}
        limit={100}
        value={value}
        onChange={onChange}
        autoComplete="off"
      />
    );
  return (
    <Select
      {...props}
      placeholder="Choose a bucket"
      data={value === '' || names.includes(value) ? names : [value, ...names]}
      limit={100}
      value={value || null}
      onChange={chosen => onChange(chosen ?? '')}
      searchable
      nothingFoundMessage="No bucket fits"
    />
  );
}

import { Select } from '@mantine/core';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { useInvoke } from '../../api/use-invoke.ts';

/** Chooses the bucket of remembered events: those that identify could use. */
export function BucketChoice({
  bucket,
  onChange,
}: {
  bucket: string;
  onChange(bucket: string | undefined): void;
}) {
  const { data } = useInvoke('kv-bucket-list', {});
  const fit = data?.buckets.filter(
    ({ bucket: name, history, key_ttl, key_encoding }) =>
      history === 1 && key_ttl && key_encoding === 'none' && !name.startsWith('recognition_'),
  );
  const choices = [...new Set([EVENTS_BUCKET, bucket, ...(fit?.map(info => info.bucket) ?? [])])];
  return (
    <Select
      aria-label="Bucket"
      w={190}
      data={choices}
      value={bucket}
      allowDeselect={false}
      onChange={next => onChange(next === EVENTS_BUCKET || next === null ? undefined : next)}
    />
  );
}

import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmByName } from '../../components/confirm-by-name.tsx';
import { formatBytes, plural } from '../../lib/format.ts';

/** Deletes a bucket once its name was typed. */
export function DeleteBucket(props: { info: BucketInfo; onClose(): void }) {
  const {
    info: { bucket, values, bytes },
    onClose,
  } = props;
  const remove = useAction('kv-bucket-delete', { done: `Bucket ${bucket} was deleted.` });
  return (
    <ConfirmByName
      name={bucket}
      title="Delete a bucket"
      confirm="Delete bucket"
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ bucket, confirm: bucket }, { onSuccess: onClose })}
    >
      The bucket is deleted with {plural(values, 'value')} ({formatBytes(bytes)}) and all history. There is no
      way back; an export keeps a copy.
    </ConfirmByName>
  );
}

import { useMutation } from '@tanstack/react-query';
import { toApiError } from '../../api/api-error.ts';
import { invoke } from '../../api/invoke.ts';
import { refreshFunctions } from '../../api/use-invoke.ts';
import { Guarded } from '../../components/guarded.tsx';
import { formatCount } from '../../lib/format.ts';
import { notify, notifyError } from '../../lib/notify.ts';
import { visibleText } from '../../lib/visible-text.ts';

/** What {@link RestoreKey} is given. */
export interface RestoreKeyProps {
  bucket: string;
  keyName: string;
  blocked: string | undefined;
  onDone(): void;
}

/** Brings back the last value that a deleted key had, unless somebody has written it again since. */
export function RestoreKey({ bucket, keyName: key, blocked, onDone }: RestoreKeyProps) {
  const restore = useMutation({
    mutationFn: async () => {
      const { items } = await invoke('kv-key-history', { bucket, key });
      const last = items.findLast(({ operation }) => operation === 'put');
      if (!last) return undefined;
      await invoke('kv-key-revert', { bucket, key, revision: last.revision, expected_revision: 0 });
      return last.revision;
    },
    onSuccess: revision => {
      if (revision === undefined) {
        notifyError('It cannot be restored', `No value of ${key} is kept any more.`);
        return;
      }
      notify(`${key} is back, with the value of revision ${formatCount(revision)}.`);
      void refreshFunctions('kv-bucket-info', 'kv-bucket-list', 'kv-key-list', 'kv-key-get');
    },
    onError: error => notifyError('It was not restored', toApiError(error).message),
    onSettled: onDone,
  });
  return (
    <Guarded
      calls="kv-key-revert"
      bucket={bucket}
      blocked={blocked}
      size="compact-xs"
      variant="default"
      disabled={restore.isPending}
      aria-label={`Restore ${visibleText(key)}`}
      onClick={() => restore.mutate()}
    >
      Restore
    </Guarded>
  );
}

import { Code, Text } from '@mantine/core';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { StoredName } from '../../components/stored-name.tsx';

/** What {@link RemoveKey} is given. */
export interface RemoveKeyProps {
  bucket: string;
  keyName: string;
  revision: number | undefined;
  operation: 'delete' | 'purge';
  /** How many revisions the bucket keeps. */
  history: number;
  onClose(): void;
}

/** Deletes or purges one key, after a look at what that means. */
export function RemoveKey({ bucket, keyName, revision, operation, history, onClose }: RemoveKeyProps) {
  const remove = useAction('kv-key-delete', { done: 'Deleted.' });
  const purge = useAction('kv-key-purge', { done: 'Purged.' });
  const isPurge = operation === 'purge';
  const { error, isPending } = isPurge ? purge : remove;
  function confirm(): void {
    if (isPurge) purge.mutate({ bucket, key: keyName }, { onSuccess: onClose });
    else {
      const input = { bucket, key: keyName, ...(revision !== undefined && { expected_revision: revision }) };
      remove.mutate(input, { onSuccess: onClose });
    }
  }
  return (
    <ConfirmDialog
      title={isPurge ? 'Purge this key' : 'Delete this key'}
      confirm={isPurge ? 'Purge' : 'Delete'}
      danger
      busy={isPending}
      error={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Code block className="wrap">
        <StoredName name={keyName} />
      </Code>
      <Text size="sm">
        {isPurge
          ? 'Its value and all its history are removed. There is no way back.'
          : history > 1
            ? 'Its older revisions stay in the history, from where it can be brought back.'
            : 'The bucket keeps no history: its value cannot be brought back.'}
      </Text>
    </ConfirmDialog>
  );
}

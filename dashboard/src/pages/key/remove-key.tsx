import { Text } from '@mantine/core';
import { useAction } from '../../api/use-invoke.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { StoredName } from '../../components/stored-name.tsx';

/** What {@link RemoveKey} is given. */
export interface RemoveKeyProps {
  bucket: string;
  keyName: string;
  revision: number | undefined;
  operation: 'delete' | 'purge';
  /** What it is called. Default: a key. */
  what?: { name: string; text: string };
  /** What it means, in a sentence. */
  means: string;
  /** Default: `onClose`. */
  onDone?: () => void;
  onClose(): void;
}

/** Deletes or purges one key, after a look at what that means. */
export function RemoveKey(props: RemoveKeyProps) {
  const { bucket, keyName, revision, operation, means, onClose, onDone = onClose } = props;
  const { name, text } = props.what ?? { name: 'key', text: keyName };
  const remove = useAction('kv-key-delete', { done: `The ${name} was deleted.` });
  const purge = useAction('kv-key-purge', { done: 'Purged.' });
  const isPurge = operation === 'purge';
  const { error, isPending } = isPurge ? purge : remove;
  function confirm(): void {
    if (isPurge) purge.mutate({ bucket, key: keyName }, { onSuccess: onDone });
    else {
      const input = { bucket, key: keyName, ...(revision !== undefined && { expected_revision: revision }) };
      remove.mutate(input, { onSuccess: onDone });
    }
  }
  return (
    <ConfirmDialog
      title={`${isPurge ? 'Purge' : 'Delete'} this ${name}`}
      confirm={isPurge ? 'Purge' : 'Delete'}
      danger
      busy={isPending}
      error={error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <CodeBlock label="Key" className="wrap">
        <StoredName name={text} />
      </CodeBlock>
      <Text size="sm">{means}</Text>
    </ConfirmDialog>
  );
}

import { Text } from '@mantine/core';
import { useAction, useInvoke } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { comparedText, ValueDiff } from '../../components/value-diff.tsx';
import { bytesOf, type StoredText } from '../../lib/bytes.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';

/** What {@link RevertDialog} is given. */
export interface RevertDialogProps {
  bucket: string;
  keyName: string;
  /** Revision whose value comes back. */
  revision: number;
  /** The one that is current; undefined where the key is gone. */
  current: number | undefined;
  onDone?: () => void;
  onClose(): void;
}

/** Shows what bringing an older value back does, before it is done. */
export function RevertDialog({ bucket, keyName, revision, current, onDone, onClose }: RevertDialogProps) {
  const { data, error } = useInvoke('kv-key-history', { bucket, key: keyName });
  const revert = useAction('kv-key-revert', {
    done: output => `Revision ${revision} is current again, as revision ${output.revision}.`,
  });
  const find = (wanted: number | undefined) => data?.items.find(item => item.revision === wanted);
  const [before, after] = [storedIn(find(current)), storedIn(find(revision))];
  const same = before !== undefined && after !== undefined && comparedText(before) === comparedText(after);
  return (
    <ConfirmDialog
      title={`Revert to revision ${formatCount(revision)}`}
      confirm="Revert"
      size="xl"
      busy={revert.isPending}
      disabled={!after}
      error={revert.error}
      onConfirm={() =>
        revert.mutate(
          { bucket, key: keyName, revision, expected_revision: current ?? 0 },
          {
            onSuccess: () => {
              onDone?.();
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      {error && <ErrorNotice error={error} title="What it would do cannot be shown" />}
      {after && (
        <Text size="sm">
          {current === undefined
            ? `The key is gone: it is written again with these ${formatBytes(bytesOf(after).length)}.`
            : same
              ? 'The current revision holds the same value; it is written again all the same.'
              : `The value of revision ${formatCount(current)} at the left is replaced by the one at the right.`}{' '}
          It becomes a new revision, and what is there now stays in the history as far as the bucket keeps it.
        </Text>
      )}
      {after && !same && (
        <ValueDiff
          left={before}
          right={after}
          leftLabel={before ? `Revision ${current}, as it is` : 'Nothing'}
          rightLabel={`Revision ${revision}, as it will be`}
          height={360}
        />
      )}
    </ConfirmDialog>
  );
}

function storedIn(item: { value?: string; encoding?: 'base64' } | undefined): StoredText | undefined {
  return item?.value === undefined ? undefined : { value: item.value, encoding: item.encoding };
}

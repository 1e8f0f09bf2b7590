import { Code, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useAction } from '../api/use-invoke.ts';
import { formatCount, plural } from '../lib/format.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

/** What a dialog about a group of keys is given. */
export interface GroupDialogProps {
  bucket: string;
  /** Pattern of the keys, or a search; `>` for all. */
  filter: string;
  onDone(): void;
  onClose(): void;
}

/** Takes the markers of deleted keys out of a bucket: they are counted first, then dropped. */
export function CompactMarkers({ bucket, filter, onDone, onClose }: GroupDialogProps) {
  const count = useAction('kv-bucket-compact', { refresh: [] });
  const compact = useAction('kv-bucket-compact', {
    done: ({ dropped }) => `${plural(dropped, 'marker')} taken out.`,
  });
  const { mutate } = count;
  useEffect(() => mutate({ bucket, filter, dry_run: true }), [mutate, bucket, filter]);
  const markers = count.data?.markers;
  const drop = () =>
    compact.mutate(
      { bucket, filter },
      {
        onSuccess: () => {
          onDone();
          onClose();
        },
      },
    );
  return (
    <ConfirmDialog
      title="Compact"
      confirm={markers ? `Take out ${formatCount(markers)}` : 'Take them out'}
      busy={compact.isPending}
      disabled={!markers}
      error={compact.error ?? count.error}
      onConfirm={drop}
      onClose={onClose}
    >
      <Text size="sm" role="status">
        {markers === undefined ? (
          'Counting…'
        ) : (
          <>
            <b>{plural(markers, 'marker')}</b> of deleted and purged keys under{' '}
            <Code className="wrap">{filter}</Code> will be taken out, with what history these keys still have.
            Live keys stay as they are.
          </>
        )}
      </Text>
    </ConfirmDialog>
  );
}

import { Alert, Code, Group, ScrollArea, Text } from '@mantine/core';
import { useEffect } from 'react';
import { refreshFunctions } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Muted } from '../../components/muted.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { useScan } from '../../hooks/use-scan.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { momentWords } from '../../lib/moment.ts';
import { notify } from '../../lib/notify.ts';
import { type Restored, type Restoring, restoreAt } from './restoring.ts';

/** What {@link RestoreDialog} is given. */
export interface RestoreDialogProps {
  restored: Restored;
  onDone(): void;
  onClose(): void;
}

const WORDS = {
  put: 'put again',
  removed: 'deleted',
  unchanged: 'unchanged',
  unknown: 'unknown, left as it is',
  conflicts: 'changed meanwhile, left as it is',
} as const;

/** Brings keys back to what they were: first it shows what that would do, key by key, then it is done. */
export function RestoreDialog({ restored, onDone, onClose }: RestoreDialogProps) {
  const preview = useScan<Restoring>();
  const action = useScan<Restoring>();
  const { bucket, filter, at } = restored;
  const { start } = preview;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the dialog is opened for one moment
  useEffect(() => start(restoreAt(restored, true)), [start]);
  const planned = preview.scan.result;
  const done = action.scan.result;
  const ready = preview.scan.kind === 'done' && planned !== undefined;
  const changes = planned ? planned.put + planned.removed : 0;
  const { kind } = action.scan;
  const error = action.scan.error ?? preview.scan.error;

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the restore has ended
  useEffect(() => {
    if (kind !== 'done' || !done) return;
    notify(`${words(done)}.`);
    void refreshFunctions('kv-bucket-info', 'kv-key-list', 'kv-key-get', 'kv-key-history');
    onDone();
    if (done.conflicts === 0) onClose();
  }, [kind]);

  return (
    <ConfirmDialog
      title="Restore"
      size="lg"
      confirm={`Restore ${plural(changes, 'key')}`}
      cancel={kind === 'running' ? 'Stop' : 'Cancel'}
      busy={kind === 'running' || (!ready && !error)}
      disabled={changes === 0}
      error={error}
      onConfirm={() => action.start(restoreAt(restored, false))}
      onCancel={kind === 'running' ? action.cancel : onClose}
      onClose={onClose}
    >
      <Text size="sm">
        <Code className="wrap">{filter === '' ? `all keys of ${bucket}` : filter}</Code> as it was{' '}
        <b>{momentWords(at)}</b>
      </Text>
      {planned && (
        <Alert color={changes > 0 ? 'orange' : 'gray'} role="status">
          {ready ? '' : 'So far: '}
          {ready && changes === 0 ? 'Nothing would be changed' : words(done ?? planned)}.
          {planned.unknown > 0 && ' What is unknown is no longer kept, and stays as it is.'}
        </Alert>
      )}
      {planned && planned.items.length > 0 && (
        <ScrollArea.Autosize
          mah={260}
          type="auto"
          viewportProps={{ tabIndex: 0, 'aria-label': 'What will be done' }}
        >
          {planned.items.map(({ key, outcome, from_sequence }) => (
            <Group key={key} justify="space-between" gap="xs" wrap="nowrap">
              <StoredName name={key} className="mono wrap" />
              <Muted size="xs" className="num">
                {WORDS[outcome]}
                {from_sequence !== undefined && ` from revision ${formatCount(from_sequence)}`}
              </Muted>
            </Group>
          ))}
        </ScrollArea.Autosize>
      )}
      {!ready && !error && <Muted>Nothing is written before you have seen what it would be.</Muted>}
    </ConfirmDialog>
  );
}

function words(counts: Restoring): string {
  return (['put', 'removed', 'unchanged', 'unknown', 'conflicts'] as const)
    .filter(name => counts[name] > 0)
    .map(name => `${formatCount(counts[name])} ${WORDS[name]}`)
    .join(', ');
}

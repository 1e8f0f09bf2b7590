import { Alert } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import type { GroupDialogProps } from '../../components/compact-markers.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Muted } from '../../components/muted.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { keyRange } from '../../lib/key-range.ts';
import { visibleText } from '../../lib/visible-text.ts';

/** From so many keys on the bucket's name has to be typed. */
const MANY = 25;

/** Purges every key that matches a pattern, or that a search finds: first it is counted, and only what was counted can be confirmed. */
export function PurgeByPattern({ bucket, filter, onDone, onClose }: GroupDialogProps) {
  const [pattern, setPattern] = useState(filter);
  const [typed, setTyped] = useState('');
  const count = useAction('kv-key-purge', { refresh: [] });
  const purge = useAction('kv-key-purge', {
    done: ({ purged }) => `${plural(purged, 'key')} purged.`,
  });
  const [asked, setAsked] = useState<string>();
  const range = { bucket, ...keyRange(pattern) };
  const counted = count.data && asked === pattern ? count.data.matched : undefined;
  const left = counted === undefined ? [] : (count.data?.unjudged ?? []);
  const confirmed = counted !== undefined && counted > 0 && (counted < MANY || typed === bucket);

  /** Counts, and then purges what was counted. */
  function goOn(): void {
    if (counted === undefined) {
      setAsked(pattern);
      count.mutate({ ...range, dry_run: true });
    }
    if (!confirmed) return;
    purge.mutate(range, {
      onSuccess: () => {
        onDone();
        onClose();
      },
    });
  }

  return (
    <ConfirmDialog
      title="Purge by pattern"
      confirm={counted === undefined ? 'Count the keys' : `Purge ${formatCount(counted)}`}
      danger={counted !== undefined}
      focus="field"
      busy={count.isPending || purge.isPending}
      disabled={counted === undefined ? pattern.trim() === '' : !confirmed}
      error={purge.error ?? count.error}
      onConfirm={goOn}
      onClose={onClose}
    >
      <TextBox
        label="Pattern"
        description="A key, a pattern such as session.*, or a search: *part of a name*, /re/, value:word, size>10k."
        placeholder="session.*"
        code
        value={pattern}
        onChange={setPattern}
        disabled={purge.isPending}
        data-autofocus
      />
      {counted === 0 && <Alert color="gray">No key matches this pattern.</Alert>}
      {counted !== undefined && counted > 0 && (
        <Alert color="red" role="status" title={`${plural(counted, 'key')} will be removed`}>
          With all their history. There is no way back.
        </Alert>
      )}
      {left.length > 0 && (
        <Alert color="gray" title={`${plural(left.length, 'key')} will be left alone`}>
          Their values are too large, or nested too deeply, for js: to look at:{' '}
          {visibleText(left.slice(0, 5).join(', '))}
          {left.length > 5 && ' and others'}.
        </Alert>
      )}
      {counted !== undefined && counted >= MANY && (
        <TextBox label={`Type ${visibleText(bucket)} to confirm`} value={typed} onChange={setTyped} />
      )}
      {counted === undefined && (
        <Muted>Nothing is removed before you have seen how many keys it would be.</Muted>
      )}
    </ConfirmDialog>
  );
}

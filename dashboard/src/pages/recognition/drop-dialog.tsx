import { Text } from '@mantine/core';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Mono } from '../../components/mono.tsx';
import { plural } from '../../lib/format.ts';
import { valueSummary } from '../../lib/value-summary.ts';

/** Gives dead letters up, after a look at what that means. */
export function DropDialog({
  letter,
  of,
  onClose,
}: {
  letter: IdentifyDeadLetter | 'all';
  of: { bucket?: string; namespace: string };
  onClose(): void;
}) {
  const drop = useAction('identify-dead-drop', {
    refresh: ['identify-dead-list'],
    done: ({ dropped }) => `${plural(dropped, 'event')} dropped.`,
  });
  const isAll = letter === 'all';
  return (
    <ConfirmDialog
      title={isAll ? 'Drop all dead letters' : 'Drop this event'}
      confirm="Drop"
      danger
      focus="cancel"
      busy={drop.isPending}
      error={drop.error}
      onConfirm={() => drop.mutate({ ...of, ...(!isAll && { key: letter.key }) }, { onSuccess: onClose })}
      onClose={onClose}
    >
      {!isAll && <Mono fz="sm">{valueSummary(letter.event)}</Mono>}
      <Text size="sm">
        {isAll ? 'All events of this namespace that could not be stored are' : 'The event is'} gone for good.
      </Text>
    </ConfirmDialog>
  );
}

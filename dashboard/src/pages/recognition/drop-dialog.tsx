import { Text } from '@mantine/core';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Mono } from '../../components/mono.tsx';
import { plural } from '../../lib/format.ts';
import { valueSummary } from '../../lib/value-summary.ts';
import { visibleText } from '../../lib/visible-text.ts';

/** Whose letters: of one namespace, or of all. */
export interface DeadScope {
  bucket?: string;
  namespace?: string;
  all_namespaces?: boolean;
}

/** Gives dead letters up, after a look at what that means. */
export function DropDialog(props: { letter: IdentifyDeadLetter | 'all'; of: DeadScope; onClose(): void }) {
  const { letter, of, onClose } = props;
  const drop = useAction('identify-dead-drop', {
    refresh: ['identify-dead-list'],
    done: ({ dropped }) => `${plural(dropped, 'event')} dropped.`,
  });
  const isAll = letter === 'all';
  const allOf = of.namespace === undefined ? 'all namespaces' : `namespace ${visibleText(of.namespace)}`;
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
        {isAll ? `All events of ${allOf} that could not be stored are` : 'The event is'} gone for good.
      </Text>
    </ConfirmDialog>
  );
}

import { Text } from '@mantine/core';
import { plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { Mono } from '../mono.tsx';
import { Muted } from '../muted.tsx';
import type { DeadLetter, DeadPart, DeadScope } from './letter.ts';
import { cameOf } from './letter.ts';
import { useAllLetters } from './use-all-letters.ts';

/** Gives dead letters up, after a look at what that means. */
export function DropDialog(props: {
  part: DeadPart;
  letter: DeadLetter | 'all';
  of: DeadScope;
  onClose(): void;
}) {
  const { part, letter, of, onClose } = props;
  const told = ({ dropped }: { dropped: number }) => `${plural(dropped, 'event')} dropped`;
  const drop = useAllLetters(part, `${part}-dead-drop`, all => `${told(all)}.`);
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
      onClose={() => {
        drop.stop();
        onClose();
      }}
    >
      {!isAll && <Mono fz="sm">{cameOf(letter)}</Mono>}
      <Text size="sm">
        {isAll ? `All events of ${allOf} that ${WHY[part]} are` : 'The event is'} gone for good.
      </Text>
      {drop.soFar && <Muted role="status">{told(drop.soFar)} so far.</Muted>}
    </ConfirmDialog>
  );
}

const WHY: Record<DeadPart, string> = { identify: 'could not be stored', transform: 'a script failed at' };

import { Text } from '@mantine/core';
import { plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { Mono } from '../mono.tsx';
import { Muted } from '../muted.tsx';
import type { DeadLetter, DeadPart, DeadScope } from './letter.ts';
import { cameOf, scopeOfOne, WORDS } from './letter.ts';
import { useAllLetters } from './use-all-letters.ts';

/** Gives dead letters up, after a look at what that means. */
export function DropDialog(props: {
  part: DeadPart;
  letter: DeadLetter | 'all';
  of: DeadScope;
  onClose(): void;
}) {
  const { part, letter, of, onClose } = props;
  const { came, why } = WORDS[part];
  const told = ({ dropped }: { dropped: number }) => `${plural(dropped, came)} dropped`;
  const drop = useAllLetters(part, `${part}-dead-drop`, all => `${told(all)}.`);
  const isAll = letter === 'all';
  const ofNamespace =
    of.namespace === undefined ? 'all namespaces' : `namespace ${visibleText(of.namespace)}`;
  const allOf = of.queue === undefined ? ofNamespace : `queue ${visibleText(of.queue)}`;
  return (
    <ConfirmDialog
      title={isAll ? 'Drop all dead letters' : `Drop this ${came}`}
      confirm="Drop"
      danger
      focus="cancel"
      busy={drop.isPending}
      error={drop.error}
      onConfirm={() => drop.mutate(isAll ? of : scopeOfOne(of, letter), { onSuccess: onClose })}
      onClose={() => {
        drop.stop();
        onClose();
      }}
    >
      {!isAll && <Mono fz="sm">{cameOf(letter)}</Mono>}
      <Text size="sm">
        {isAll ? `All ${came}s of ${allOf} that ${why} are` : `The ${came} is`} gone for good.
      </Text>
      {drop.soFar && <Muted role="status">{told(drop.soFar)} so far.</Muted>}
    </ConfirmDialog>
  );
}

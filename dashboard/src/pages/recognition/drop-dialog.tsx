import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import { useAction } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
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
    <Modal opened onClose={onClose} title={isAll ? 'Drop all dead letters' : 'Drop this event'}>
      <Stack>
        {!isAll && <Mono fz="sm">{valueSummary(letter.event)}</Mono>}
        <Text size="sm">
          {isAll ? 'All events of this namespace that could not be stored are' : 'The event is'} gone for
          good.
        </Text>
        {drop.error && <ErrorNotice error={drop.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            color="red"
            loading={drop.isPending}
            onClick={() => drop.mutate({ ...of, ...(!isAll && { key: letter.key }) }, { onSuccess: onClose })}
          >
            Drop
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

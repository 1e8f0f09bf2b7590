import { Group, Stack, Text } from '@mantine/core';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import type { Column } from '../../components/data-table.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Mono } from '../../components/mono.tsx';
import { keptColumn, whenColumn } from '../../components/time-columns.tsx';
import { valueSummary } from '../../lib/value-summary.ts';

/** What can be done with a letter. */
export interface DeadActions {
  onReplay(letter: IdentifyDeadLetter): void;
  onDrop(letter: IdentifyDeadLetter): void;
}

/** Columns of the dead letters. */
export function deadColumns({ onReplay, onDrop }: DeadActions): Column<IdentifyDeadLetter>[] {
  return [
    {
      id: 'table',
      header: 'Table',
      cell: ({ destination, table }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600} className="wrap">
            {destination}
          </Text>
          <Text size="xs" c="dimmed" className="wrap">
            {table}
          </Text>
        </Stack>
      ),
    },
    { id: 'event', header: 'Event', cell: ({ event }) => <Mono fz="sm">{valueSummary(event)}</Mono> },
    {
      id: 'why',
      header: 'Why',
      width: '32%',
      cell: ({ code, message }) => (
        <Stack gap={0}>
          <Mono fz="xs">{code}</Mono>
          <Text size="xs" className="wrap">
            {message}
          </Text>
        </Stack>
      ),
    },
    whenColumn({ id: 'at', header: 'Found', time: ({ at }) => at }),
    keptColumn(),
    {
      id: 'do',
      header: 'Do',
      width: 150,
      cell: letter => (
        <Group gap={4}>
          <Guarded
            calls="identify-dead-replay"
            size="compact-xs"
            variant="default"
            onClick={() => onReplay(letter)}
          >
            Replay
          </Guarded>
          <Guarded
            calls="identify-dead-drop"
            size="compact-xs"
            variant="subtle"
            onClick={() => onDrop(letter)}
          >
            Drop
          </Guarded>
        </Group>
      ),
    },
  ];
}

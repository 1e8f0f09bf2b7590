import { Group, Stack, Text } from '@mantine/core';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import { leftColumn, textColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { Guarded } from '../../components/guarded.tsx';
import { Mono } from '../../components/mono.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { valueSummary } from '../../lib/value-summary.ts';
import { whereOf } from './visitor-link.tsx';

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
      sortBy: letter => `${whereOf(letter)} ${letter.table}`,
      cell: letter => (
        <TwoLines below={letter.table}>
          <b>{whereOf(letter)}</b>
        </TwoLines>
      ),
    },
    textColumn('event', 'Event', ({ event }) => valueSummary(event)),
    {
      id: 'why',
      header: 'Why',
      width: '32%',
      sortBy: ({ code }) => code,
      cell: ({ code, message }) => (
        <Stack gap={0}>
          <Mono fz="xs">{code}</Mono>
          <Text size="xs" className="wrap">
            {message}
          </Text>
        </Stack>
      ),
    },
    whenColumn('at', 'Found', ({ at }) => at),
    leftColumn('Time left', 'no end'),
    {
      id: 'do',
      header: 'Do',
      width: 150,
      cell: letter => (
        <Group gap={4}>
          <Guarded calls="identify-dead-replay" {...SMALL} onClick={() => onReplay(letter)}>
            Replay
          </Guarded>
          <Guarded calls="identify-dead-drop" {...SMALL} onClick={() => onDrop(letter)}>
            Drop
          </Guarded>
        </Group>
      ),
    },
  ];
}

const SMALL = { size: 'compact-xs', variant: 'default' } as const;

import { Group, Stack, Text } from '@mantine/core';
import { leftColumn, textColumn, whenColumn } from '../columns.tsx';
import type { Column } from '../data-table/column.ts';
import { Guarded } from '../guarded.tsx';
import { Mono } from '../mono.tsx';
import type { DeadLetter, DeadPart } from './letter.ts';
import { cameOf, WORDS } from './letter.ts';

/** What can be done with a letter. */
export interface DeadActions<Letter> {
  part: DeadPart;
  onReplay(letter: Letter): void;
  onDrop(letter: Letter): void;
}

/** Columns of dead letters, behind one that says where they were to go. */
export function deadColumns<Letter extends DeadLetter>(
  where: Column<Letter>,
  { part, onReplay, onDrop }: DeadActions<Letter>,
): Column<Letter>[] {
  return [
    where,
    textColumn('event', WORDS[part].came === 'item' ? 'Item' : 'Event', cameOf),
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
          <Guarded calls={`${part}-dead-replay`} {...SMALL} onClick={() => onReplay(letter)}>
            Replay
          </Guarded>
          <Guarded calls={`${part}-dead-drop`} {...SMALL} onClick={() => onDrop(letter)}>
            Drop
          </Guarded>
        </Group>
      ),
    },
  ];
}

const SMALL = { size: 'compact-xs', variant: 'default' } as const;

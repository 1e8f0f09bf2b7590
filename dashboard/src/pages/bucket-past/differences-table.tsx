import { Badge, Button, Group, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { ChangedItem } from '../../../../contract/types.gen.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { KeyLink } from '../../components/key-link.tsx';
import { formatCount } from '../../lib/format.ts';
import { valueLine } from '../../lib/value-line.ts';
import { visibleText } from '../../lib/visible-text.ts';

/** What {@link DifferencesTable} is given. */
export interface DifferencesTableProps {
  bucket: string;
  items: readonly ChangedItem[];
  /** Key whose values are compared. */
  open: string | undefined;
  onOpen(key: string | undefined): void;
  onRestore(key: string): void;
}

const COLOURS = { added: 'teal', changed: 'blue', removed: 'orange', unknown: 'gray' } as const;

/** The keys that differ between two moments, with the beginning of what they held. */
export function DifferencesTable({ bucket, items, open, onOpen, onRestore }: DifferencesTableProps) {
  const columns = useMemo((): Column<ChangedItem>[] => {
    return [
      {
        id: 'key',
        header: 'Key',
        sortBy: ({ key }) => key,
        cell: ({ key }) => <KeyLink bucket={bucket} name={key} tab="history" />,
      },
      {
        id: 'change',
        header: 'What',
        sortBy: ({ change }) => change,
        cell: ({ change }) => (
          <Badge variant="light" color={COLOURS[change]} tt="none" radius="sm">
            {change}
          </Badge>
        ),
      },
      { id: 'before', header: 'Then', cell: ({ before }) => <Held item={before} /> },
      { id: 'after', header: 'Later', cell: ({ after }) => <Held item={after} /> },
      {
        id: 'do',
        header: 'Actions',
        quiet: true,
        align: 'right',
        cell: ({ key, change }) => (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Compare ${visibleText(key)}`}
              aria-pressed={open === key}
              onClick={() => onOpen(open === key ? undefined : key)}
            >
              Compare
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Restore ${visibleText(key)}`}
              disabled={change === 'unknown'}
              onClick={() => onRestore(key)}
            >
              Restore
            </Button>
          </Group>
        ),
      },
    ];
  }, [bucket, open, onOpen, onRestore]);
  return <DataTable label="What changed" rows={items} columns={columns} rowId={({ key }) => key} />;
}

function Held({ item }: { item: ChangedItem['before'] }) {
  if (!item) return null;
  return (
    <Text size="xs" className="mono" lineClamp={1} maw={320} title={`Revision ${formatCount(item.sequence)}`}>
      {valueLine(item)}
    </Text>
  );
}

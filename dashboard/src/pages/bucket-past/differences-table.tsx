import { Button, Group, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { ChangedItem } from '../../../../contract/types.gen.ts';
import { keyColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Mark } from '../../components/mark.tsx';
import { formatCount } from '../../lib/format.ts';
import { valueLine } from '../../lib/value-line.ts';
import { visibleText } from '../../lib/visible-text.ts';

/** What {@link DifferencesTable} is given. */
export interface DifferencesTableProps {
  bucket: string;
  items: readonly ChangedItem[];
  /** Key whose values are compared. */
  open: string | undefined;
  /** Why nothing can be restored. */
  blocked: string | undefined;
  onOpen(key: string | undefined): void;
  onRestore(key: string): void;
}

const COLOURS = { added: 'teal', changed: 'blue', removed: 'orange', unknown: 'gray' } as const;

/** The keys that differ between two moments, with the beginning of what they held. */
export function DifferencesTable({ bucket, items, open, blocked, onOpen, onRestore }: DifferencesTableProps) {
  const columns = useMemo((): Column<ChangedItem>[] => {
    return [
      keyColumn(bucket, 'history'),
      {
        id: 'change',
        header: 'What',
        sortBy: ({ change }) => change,
        cell: ({ change }) => <Mark color={COLOURS[change]}>{change}</Mark>,
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
            <Guarded
              calls="kv-bucket-restore-at"
              bucket={bucket}
              blocked={blocked}
              size="compact-xs"
              variant="default"
              aria-label={`Restore ${visibleText(key)}`}
              disabled={change === 'unknown'}
              onClick={() => onRestore(key)}
            >
              Restore
            </Guarded>
          </Group>
        ),
      },
    ];
  }, [bucket, open, blocked, onOpen, onRestore]);
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

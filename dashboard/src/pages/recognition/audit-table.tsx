import { Box, Group, Stack, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { IdentifyListedChange } from '../../../../contract/types.gen.ts';
import { textColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';
import { eventName, type NamedVisitor, shownId } from './names.ts';
import { VisitorLink } from './visitor-link.tsx';

/** A row that was amended. */
export type ChangedRow = Pick<IdentifyListedChange, 'table' | 'primary_key' | 'old' | 'new' | 'by' | 'at'> &
  Partial<NamedVisitor>;

/** Rows of a warehouse as they were and as they are. With a bucket it tells the visitor too. */
export function AuditTable({ rows, bucket }: { rows: readonly ChangedRow[]; bucket?: string }) {
  const numbered = useMemo(() => rows.map((row, at) => ({ ...row, id: String(at) })), [rows]);
  const columns = useMemo(() => (bucket === undefined ? COLUMNS : [visitorOf(bucket), ...COLUMNS]), [bucket]);
  return <DataTable label="Audit" rows={numbered} columns={columns} rowId={({ id }) => id} />;
}

type NumberedRow = ChangedRow & { id: string };

function visitorOf(bucket: string): Column<NumberedRow> {
  return {
    id: 'visitor',
    header: 'Visitor',
    width: '18%',
    sortBy: row => shownId(row).text,
    cell: row => <VisitorLink bucket={bucket} visitor={{ namespace: '', ...row }} />,
  };
}

const COLUMNS: Column<NumberedRow>[] = [
  {
    id: 'row',
    header: 'Row',
    width: '20%',
    sortBy: ({ primary_key }) => Object.values(primary_key).join(' '),
    cell: ({ table, primary_key }) => (
      <Stack gap={0}>
        {Object.entries(primary_key).map(([column, value]) => (
          <Text key={column} size="sm" component="div">
            <Text span size="xs" c="dimmed">
              {column}{' '}
            </Text>
            <Mono fw={600}>{shownCell(value)}</Mono>
          </Text>
        ))}
        <Muted size="xs" className="wrap">
          {table}
        </Muted>
      </Stack>
    ),
  },
  {
    id: 'changes',
    header: 'Before and after',
    cell: row => (
      <Stack gap={2}>
        {Object.entries(row.new).map(([column, now]) => (
          <Change key={column} column={column} old={row.old[column]} now={now} />
        ))}
      </Stack>
    ),
  },
  { ...textColumn('by', 'By event', ({ by }) => eventName(by)), width: '16%' },
  whenColumn('at', 'When', ({ at }) => at),
];

function Change({ column, old, now }: { column: string; old: unknown; now: unknown }) {
  return (
    <Group gap={6} wrap="wrap">
      <Text span size="xs" c="dimmed">
        {column}
      </Text>
      {old === null || old === undefined ? (
        <Text span size="xs" c="dimmed">
          NULL
        </Text>
      ) : (
        <Mono fz="sm" c="var(--kv-bad)" td="line-through">
          {shownCell(old)}
        </Mono>
      )}
      <IconArrowRight size={14} stroke={1.6} role="img" aria-label="became" />
      <Box component="span">
        <Mono fz="sm" fw={600} c="var(--kv-good)">
          {shownCell(now)}
        </Mono>
      </Box>
    </Group>
  );
}

function shownCell(value: unknown): string {
  return value === null ? 'NULL' : String(value);
}

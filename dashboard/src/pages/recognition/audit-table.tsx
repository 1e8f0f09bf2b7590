import { Box, Group, Stack, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { When } from '../../components/amounts.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import type { ChangedCell, ChangedRow } from './audit-entries.ts';
import { VisitorLink } from './visitor-link.tsx';

/** Rows of a warehouse as they were and as they are. With a bucket it tells the visitor too. */
export function AuditTable({ rows, bucket }: { rows: readonly ChangedRow[]; bucket?: string }) {
  const visitor: Column<ChangedRow>[] =
    bucket === undefined
      ? []
      : [
          {
            id: 'visitor',
            header: 'Visitor',
            width: '18%',
            sortBy: ({ anonymousId }) => anonymousId.text,
            cell: row => <VisitorLink bucket={bucket} visitor={row} />,
          },
        ];
  const columns: Column<ChangedRow>[] = [
    {
      id: 'row',
      header: 'Row',
      width: '20%',
      sortBy: ({ key }) => key.map(([, value]) => value).join(' '),
      cell: ({ table, key }) => (
        <Stack gap={0}>
          {key.map(([column, value]) => (
            <Text key={column} size="sm" component="div">
              <Text span size="xs" c="dimmed">
                {column}{' '}
              </Text>
              <Mono fw={600}>{value}</Mono>
            </Text>
          ))}
          <Text size="xs" c="dimmed" className="wrap">
            {table}
          </Text>
        </Stack>
      ),
    },
    {
      id: 'changes',
      header: 'Before and after',
      cell: ({ cells }) => (
        <Stack gap={2}>
          {cells.map(cell => (
            <Change key={cell.column} cell={cell} />
          ))}
        </Stack>
      ),
    },
    { id: 'by', header: 'By event', width: '16%', cell: ({ by }) => <Mono fz="sm">{by}</Mono> },
    {
      id: 'at',
      header: 'When',
      align: 'right',
      width: 120,
      sortBy: ({ at }) => at,
      cell: ({ at }) => <When at={at} fz="sm" />,
    },
  ];
  return <DataTable label="Audit" rows={rows} columns={[...visitor, ...columns]} rowId={({ id }) => id} />;
}

function Change({ cell: { column, old, now } }: { cell: ChangedCell }) {
  return (
    <Group gap={6} wrap="wrap">
      <Text span size="xs" c="dimmed">
        {column}
      </Text>
      {old === null ? (
        <Text span size="xs" c="dimmed">
          NULL
        </Text>
      ) : (
        <Mono fz="sm" c="var(--kv-bad)" td="line-through">
          {old}
        </Mono>
      )}
      <IconArrowRight size={14} stroke={1.6} role="img" aria-label="became" />
      <Box component="span">
        <Mono fz="sm" fw={600} c="var(--kv-good)">
          {now}
        </Mono>
      </Box>
    </Group>
  );
}

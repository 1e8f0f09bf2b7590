import { Badge, Group, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { TransformSession } from '../../../../contract/types.gen.ts';
import { leftColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { formatBytes } from '../../lib/format.ts';
import { valueSummary } from '../../lib/value-summary.ts';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';

/** Sessions of one namespace. */
export function SessionTable(props: { bucket: string; label: string; rows: readonly TransformSession[] }) {
  const { bucket, label, rows } = props;
  const columns = useMemo(() => columnsOf(bucket), [bucket]);
  return <DataTable label={label} rows={rows} columns={columns} rowId={({ stored_key }) => stored_key} />;
}

function columnsOf(bucket: string): Column<TransformSession>[] {
  return [
    {
      id: 'key',
      header: 'Session key',
      width: '34%',
      sortBy: ({ key }) => key,
      cell: ({ key, stored_key, shortened }) => (
        <Group gap={6}>
          <Link
            to={pathTo('sessions', 'buckets', bucket, stored_key)}
            className="mono wrap"
            fw={600}
            size="sm"
          >
            <StoredName name={key} empty="(empty)" />
          </Link>
          {shortened && (
            <Badge size="xs" variant="default" tt="none" fw={500}>
              long
            </Badge>
          )}
        </Group>
      ),
    },
    {
      id: 'value',
      header: 'Value',
      cell: ({ value, size }) => (
        <Text size="sm" lineClamp={2} component="div">
          <Mono>{value === undefined ? formatBytes(size) : valueSummary(value)}</Mono>
        </Text>
      ),
    },
    whenColumn('updated', 'Last update', ({ updated_at }) => updated_at),
    leftColumn('Expires in', 'never'),
  ];
}

import { Badge, Group, Text } from '@mantine/core';
import { Countdown, When } from '../../components/amounts.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';
import type { Session } from './read-session.ts';

/** Sessions of one namespace. */
export function SessionTable({
  bucket,
  label,
  rows,
}: {
  bucket: string;
  label: string;
  rows: readonly Session[];
}) {
  return (
    <DataTable
      label={label}
      rows={rows}
      columns={columnsOf(bucket)}
      rowId={({ stored, sequence }) => `${sequence} ${stored}`}
    />
  );
}

function columnsOf(bucket: string): Column<Session>[] {
  return [
    {
      id: 'key',
      header: 'Session key',
      width: '34%',
      sortBy: ({ key }) => key,
      cell: ({ key, stored, shortened }) => (
        <Group gap={6}>
          <Link to={pathTo('sessions', 'buckets', bucket, stored)} className="mono wrap" fw={600} size="sm">
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
      cell: ({ summary }) => (
        <Text size="sm" lineClamp={2} component="div">
          <Mono>{summary}</Mono>
        </Text>
      ),
    },
    {
      id: 'updated',
      header: 'Last update',
      width: 130,
      sortBy: ({ updatedAt }) => updatedAt,
      cell: ({ updatedAt }) => <When at={updatedAt} fz="sm" />,
    },
    {
      id: 'expires',
      header: 'Expires in',
      width: 130,
      align: 'right',
      sortBy: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) =>
        expiresAt ? (
          <Countdown until={expiresAt} fz="sm" />
        ) : (
          <Text span size="sm" c="dimmed">
            never
          </Text>
        ),
    },
  ];
}

import { Badge, Code } from '@mantine/core';
import type { AdminLogEntry } from '../../../../contract/types.gen.ts';
import { usePermission } from '../../api/access.ts';
import { invoke } from '../../api/invoke.ts';
import { When } from '../../components/amounts.tsx';
import type { Column } from '../../components/data-table.tsx';
import { OlderRows } from '../../components/older-rows.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { useOlder } from '../../hooks/use-older.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, useQueryState } from '../../router/location.ts';

const PAGE = 100;
const ACTION = /^[a-z][a-z0-9-]*$/;

/** What was done to buckets, scripts and API keys, and by whom. */
export default function AdminLogPage() {
  const [query, changeQuery] = useQueryState();
  const action = query.get('action') ?? '';
  const permission = usePermission('admin-log-list');
  const older = useOlder<AdminLogEntry>(['admin-log-list', action], async (before, signal) => {
    const only = ACTION.test(action) ? { action } : {};
    const input = { limit: PAGE, ...only, ...(typeof before === 'number' && { before }) };
    const { entries, next, has_more } = await invoke('admin-log-list', input, { signal });
    return { rows: entries, next: has_more ? next : undefined };
  });
  return (
    <>
      <PageHeader
        title="Admin log"
        subtitle="What was done to buckets, scripts and API keys, and by whom. Kept for a year."
        search={{
          label: 'Only this action',
          placeholder: 'kv-bucket-delete',
          value: action,
          onChange: next => changeQuery({ action: next.trim() }),
        }}
      />
      {permission.reason !== undefined ? (
        <p>You may not look here. {permission.reason}</p>
      ) : (
        <OlderRows
          label="Admin log"
          older={older}
          columns={COLUMNS}
          rowId={({ revision }) => String(revision)}
          one="entry"
          empty={{
            title: 'Nothing was done yet',
            text: 'Buckets that are created, changed or deleted, keys added and scripts stored will be listed here.',
          }}
        />
      )}
    </>
  );
}

const COLUMNS: Column<AdminLogEntry>[] = [
  { id: 'at', header: 'When', sortBy: ({ at }) => at, cell: ({ at }) => <When at={at} size="sm" /> },
  {
    id: 'action',
    header: 'Action',
    sortBy: ({ action }) => action,
    cell: ({ action }) => <span className="mono">{visibleText(action)}</span>,
  },
  {
    id: 'bucket',
    header: 'Bucket',
    sortBy: ({ bucket }) => bucket,
    cell: ({ bucket }) =>
      bucket === undefined ? null : (
        <Link to={pathTo('buckets', bucket)} size="sm" c="inherit">
          {visibleText(bucket)}
        </Link>
      ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    sortBy: ({ outcome }) => outcome,
    cell: ({ outcome }) => (
      <Badge variant="light" color={outcome === 'OK' ? 'green' : 'red'} tt="none" radius="sm">
        {outcome}
      </Badge>
    ),
  },
  { id: 'by', header: 'By', cell: ({ by }) => <WrittenBy by={by} /> },
  {
    id: 'input',
    header: 'Asked with',
    cell: ({ input }) => (
      <Code className="wrap" fz="xs">
        {visibleText(JSON.stringify(input))}
      </Code>
    ),
  },
];

import { Code } from '@mantine/core';
import type { AdminLogEntry } from '../../../../contract/types.gen.ts';
import { usePermission } from '../../api/access.ts';
import { invoke } from '../../api/invoke.ts';
import { textColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Listing } from '../../components/listing.tsx';
import { Mark } from '../../components/mark.tsx';
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
  const { reason: refused } = usePermission('admin-log-list');
  const read = async (before: unknown, signal: AbortSignal) => {
    const only = ACTION.test(action) ? { action } : {};
    const input = { limit: PAGE, ...only, ...(typeof before === 'number' && { before }) };
    const { entries, next, has_more } = await invoke('admin-log-list', input, { signal });
    return { rows: entries, next: has_more ? next : undefined };
  };
  const found = useOlder<AdminLogEntry>(['admin-log-list', action], read, { refused });
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
      <Listing
        found={found}
        what={['entry', 'entries']}
        empty={
          <EmptyState title="Nothing was done yet">
            Buckets that are created, changed or deleted, keys added and scripts stored will be listed here.
          </EmptyState>
        }
      >
        <DataTable
          label="Admin log"
          rows={found.rows ?? []}
          columns={COLUMNS}
          rowId={({ revision }) => String(revision)}
        />
      </Listing>
    </>
  );
}

const COLUMNS: Column<AdminLogEntry>[] = [
  whenColumn('at', 'When', ({ at }) => at),
  textColumn('action', 'Action', ({ action }) => action),
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
    cell: ({ outcome }) => <Mark color={outcome === 'OK' ? 'green' : 'red'}>{outcome}</Mark>,
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

import { useMemo } from 'react';
import type { BucketChange } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import { BucketHeader } from '../../components/bucket-header.tsx';
import { bytesColumn, countColumn, keyColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Listing } from '../../components/listing.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { useOlder } from '../../hooks/use-older.ts';
import { useQueryState } from '../../router/location.ts';
import { OperationBadge } from '../live/operation.tsx';
import type { PageProps } from '../page-definition.ts';

const PAGE = 200;

/** Who changed what in a bucket, newest first, as far as its history goes. */
export default function ChangesPage({ params: { bucket = '' } }: PageProps) {
  const [query, changeQuery] = useQueryState();
  const filter = query.get('filter') ?? '';
  const found = useOlder<BucketChange>(['kv-bucket-changes', bucket, filter], async (before, signal) => {
    const input = {
      bucket,
      limit: PAGE,
      ...(filter !== '' && { filter }),
      ...(typeof before === 'number' && { before }),
    };
    const { changes, next, has_more } = await invoke('kv-bucket-changes', input, { signal });
    return { rows: changes, next: has_more ? next : undefined };
  });
  const columns = useMemo(() => columnsOf(bucket), [bucket]);
  return (
    <>
      <BucketHeader
        bucket={bucket}
        open="changes"
        subtitle="Who changed what, as far as the bucket's history goes. The key's name is proven; what is in italics is as the caller says."
        search={{
          label: 'Pattern of keys',
          placeholder: 'All keys, or user.>',
          value: filter,
          onChange: next => changeQuery({ filter: next.trim() }),
        }}
      />
      <Listing
        found={found}
        what={['change', 'changes']}
        empty={<EmptyState title="No changes">Nothing that fits is kept.</EmptyState>}
      >
        <DataTable
          label="Changes"
          rows={found.rows ?? []}
          columns={columns}
          rowId={({ revision }) => String(revision)}
        />
      </Listing>
    </>
  );
}

function columnsOf(bucket: string): Column<BucketChange>[] {
  return [
    countColumn('revision', 'Revision', ({ revision }) => revision),
    keyColumn(bucket, 'history'),
    {
      id: 'what',
      header: 'What',
      sortBy: ({ operation }) => operation,
      cell: ({ operation }) => <OperationBadge operation={operation} />,
    },
    bytesColumn('size', 'Size', ({ size }) => size),
    { id: 'by', header: 'By', cell: ({ by }) => <WrittenBy by={by} /> },
    whenColumn('when', 'When', ({ created_at }) => created_at),
  ];
}

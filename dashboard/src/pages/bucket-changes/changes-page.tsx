import { useMemo } from 'react';
import type { BucketChange } from '../../../../contract/types.gen.ts';
import { invoke } from '../../api/invoke.ts';
import { When } from '../../components/amounts.tsx';
import { BucketViews } from '../../components/bucket-views.tsx';
import type { Column } from '../../components/data-table.tsx';
import { KeyLink } from '../../components/key-link.tsx';
import { OlderRows } from '../../components/older-rows.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { useOlder } from '../../hooks/use-older.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { pathTo, useQueryState } from '../../router/location.ts';
import { OperationBadge } from '../live/operation.tsx';
import type { PageProps } from '../page-definition.ts';

const PAGE = 200;

/** Who changed what in a bucket, newest first, as far as its history goes. */
export default function ChangesPage({ params: { bucket = '' } }: PageProps) {
  const [query, changeQuery] = useQueryState();
  const filter = query.get('filter') ?? '';
  const older = useOlder<BucketChange>(['kv-bucket-changes', bucket, filter], async (before, signal) => {
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
      <PageHeader
        title={bucket}
        crumbs={[{ label: 'Buckets', to: pathTo('buckets') }]}
        subtitle="Who changed what, as far as the bucket's history goes. The key's name is proven; what is in italics is as the caller says."
        search={{
          label: 'Pattern of keys',
          placeholder: 'All keys, or user.>',
          value: filter,
          onChange: next => changeQuery({ filter: next.trim() }),
        }}
      />
      <BucketViews bucket={bucket} open="changes" />
      <OlderRows
        label="Changes"
        older={older}
        columns={columns}
        rowId={({ revision }) => String(revision)}
        one="change"
        empty={{ title: 'No changes', text: 'Nothing that fits is kept.' }}
      />
    </>
  );
}

function columnsOf(bucket: string): Column<BucketChange>[] {
  return [
    {
      id: 'revision',
      header: 'Revision',
      sortBy: ({ revision }) => revision,
      cell: ({ revision }) => <span className="num">{formatCount(revision)}</span>,
    },
    {
      id: 'key',
      header: 'Key',
      sortBy: ({ key }) => key,
      cell: ({ key }) => <KeyLink bucket={bucket} name={key} tab="history" />,
    },
    {
      id: 'what',
      header: 'What',
      sortBy: ({ operation }) => operation,
      cell: ({ operation }) => <OperationBadge operation={operation} />,
    },
    {
      id: 'size',
      header: 'Size',
      align: 'right',
      sortBy: ({ size }) => size,
      cell: ({ size }) => <span className="num">{size === undefined ? '' : formatBytes(size)}</span>,
    },
    { id: 'by', header: 'By', cell: ({ by }) => <WrittenBy by={by} /> },
    {
      id: 'when',
      header: 'When',
      sortBy: ({ created_at }) => created_at,
      cell: ({ created_at }) => <When at={created_at} size="sm" />,
    },
  ];
}

import { Code } from '@mantine/core';
import { IconDatabase, IconPlus, IconSearchOff } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { useFunction } from '../../api/functions.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { plural } from '../../lib/format.ts';
import { useQueryState } from '../../router/location.ts';
import { bucketColumns } from './bucket-columns.tsx';
import { BucketMenu } from './bucket-menu.tsx';
import { CreateBucket } from './create-bucket.tsx';
import { DeleteBucket } from './delete-bucket.tsx';
import { EditBucket } from './edit-bucket.tsx';
import { remember } from './samples.ts';
import { Totals } from './totals.tsx';
import { Unavailable } from './unavailable.tsx';

const REFRESH_MS = 5_000;

type Dialog = { kind: 'create' } | { kind: 'edit' | 'delete'; info: BucketInfo };

/** All buckets: what they hold, what they cost, and ways to change them. */
export default function BucketsPage() {
  const [query, changeQuery] = useQueryState();
  const [dialog, setDialog] = useState<Dialog | undefined>(() =>
    query.has('create') ? { kind: 'create' } : undefined,
  );
  const close = () => {
    setDialog(undefined);
    if (query.has('create')) changeQuery({ create: undefined });
  };
  const asked = useInvoke('kv-bucket-list', {}, { everyMs: REFRESH_MS });
  const { data, dataUpdatedAt } = asked;
  const search = query.get('q') ?? '';
  const found = useMemo(() => data?.buckets.filter(info => mentions(info, search)) ?? [], [data, search]);
  useEffect(() => {
    if (data) remember(data.buckets, dataUpdatedAt);
  }, [data, dataUpdatedAt]);
  const create = (
    <Guarded calls="kv-bucket-create" icon={IconPlus} onClick={() => setDialog({ kind: 'create' })}>
      Create bucket
    </Guarded>
  );
  return (
    <>
      <PageHeader
        title="Buckets"
        subtitle={
          data && search !== ''
            ? `${plural(found.length, 'bucket')} of ${data.total}`
            : 'What is stored, what it costs, and how it is kept.'
        }
        search={{ label: 'Search buckets', value: search, onChange: q => changeQuery({ q }) }}
        actions={create}
      />
      <QueryState query={asked} what="buckets" title="The buckets cannot be listed" height={360} />
      {data?.unavailable && <Unavailable names={data.unavailable} />}
      {data && <Totals buckets={data.buckets} />}
      {data && data.total === 0 && !data.unavailable && <NoBuckets create={create} />}
      {data && data.total > 0 && found.length === 0 && (
        <EmptyState icon={IconSearchOff} title="No bucket fits">
          No name, description or metadata contains “{search}”.
        </EmptyState>
      )}
      {found.length > 0 && <BucketTable buckets={found} onDialog={setDialog} />}
      {dialog && <OpenDialog dialog={dialog} onClose={close} />}
    </>
  );
}

function BucketTable({ buckets, onDialog }: { buckets: BucketInfo[]; onDialog(dialog: Dialog): void }) {
  const columns = useMemo((): Column<BucketInfo>[] => [...bucketColumns, menuColumn(onDialog)], [onDialog]);
  return (
    <DataTable
      label="Buckets"
      rows={buckets}
      columns={columns}
      rowId={({ bucket }) => bucket}
      sort={{ id: 'bucket' }}
    />
  );
}

function menuColumn(onDialog: (dialog: Dialog) => void): Column<BucketInfo> {
  return {
    id: 'menu',
    header: 'Actions',
    quiet: true,
    align: 'right',
    cell: info => (
      <BucketMenu
        bucket={info.bucket}
        onEdit={() => onDialog({ kind: 'edit', info })}
        onDelete={() => onDialog({ kind: 'delete', info })}
      />
    ),
  };
}

function OpenDialog({ dialog, onClose }: { dialog: Dialog; onClose(): void }) {
  const create = useFunction('kv-bucket-create', { enabled: dialog.kind === 'create' }).data;
  const update = useFunction('kv-bucket-update', { enabled: dialog.kind === 'edit' }).data;
  if (dialog.kind === 'create') return create ? <CreateBucket spec={create} onClose={onClose} /> : null;
  if (dialog.kind === 'delete') return <DeleteBucket info={dialog.info} onClose={onClose} />;
  return update ? <EditBucket spec={update} info={dialog.info} onClose={onClose} /> : null;
}

function NoBuckets({ create }: { create: React.ReactNode }) {
  return (
    <EmptyState icon={IconDatabase} title="No buckets yet" actions={create}>
      A bucket holds keys with their values and history. Create one here, or from anywhere with the function{' '}
      <Code>kv-bucket-create</Code>.
    </EmptyState>
  );
}

function mentions({ bucket, description, metadata }: BucketInfo, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [bucket, description, ...Object.entries(metadata).flat()].join('\n').toLowerCase();
  return words.every(word => text.includes(word));
}

import { Alert, Code, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { LOCKS_BUCKET, PENDING_BUCKET } from '../../../../contract/own-buckets.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Mono } from '../../components/mono.tsx';
import { useBucketState } from '../../hooks/use-bucket-state.ts';
import { useNewest } from '../../hooks/use-newest.ts';
import { Listing } from './listing.tsx';
import { pendingColumns } from './pending-columns.tsx';
import { type PendingCall, readPending } from './pending-entries.ts';
import { jsonOf } from './stored.ts';
import { NOTES_FILTER, readNotes } from './wait-notes.ts';

const CLAIM = 'claim.';
const EVERY_MS = 4_000;

/** Calls that kvflow still has to finish, because a warehouse is away or a process ended. */
export function PendingTab({ bucket }: { bucket: string }) {
  const found = useNewest({
    name: 'pending',
    bucket: PENDING_BUCKET,
    filter: `*.${bucket}.*.*`,
    read: readPending,
  });
  const locks = useBucketState(LOCKS_BUCKET);
  const whilePending = { everyMs: EVERY_MS, enabled: locks.readable && found.rows.length > 0 };
  const claims = useInvoke(
    'kv-key-list',
    { bucket: LOCKS_BUCKET, filter: `${CLAIM}>`, include_values: false, limit: 1_000 },
    whilePending,
  ).data;
  const noted = useInvoke(
    'kv-key-list',
    { bucket: LOCKS_BUCKET, filter: NOTES_FILTER, limit: 1_000 },
    whilePending,
  ).data;
  const [shown, setShown] = useState<PendingCall>();
  const claimed = claims?.items.map(({ key }) => key.slice(CLAIM.length)).join('\n') ?? '';
  const notes = useMemo(() => readNotes(noted?.items ?? []), [noted]);
  const columns = useMemo(
    () => pendingColumns({ claimed: new Set(claimed.split('\n')), notes, onShow: setShown }),
    [claimed, notes],
  );
  return (
    <Listing
      found={found}
      what="pending calls"
      empty={
        <EmptyState icon={IconCircleCheck} title="Nothing is pending">
          Every call of identify is written down before anything is done, and taken away when all of it is in
          the warehouse. What a process that ended or a warehouse that is away leaves shows here until it is
          done.
        </EmptyState>
      }
    >
      <Alert icon={<IconInfoCircle size={18} aria-hidden />} mb="md" color="blue">
        <Text size="sm">
          These events are safe. kvflow takes up what is older than ten seconds
          (users_recognition.reconcile_after_sec), and waits longer after each try, up to five minutes.{' '}
          <Code>kvflow check</Code> looks at every warehouse.
        </Text>
      </Alert>
      <DataTable label="Pending calls" rows={found.rows} columns={columns} rowId={({ key }) => key} />
      {shown && <PendingDetails call={shown} onClose={() => setShown(undefined)} />}
    </Listing>
  );
}

/** What is written down of a call: its settings and events. */
function PendingDetails({ call: { key, id }, onClose }: { call: PendingCall; onClose(): void }) {
  const { data, error } = useInvoke('kv-key-get', { bucket: PENDING_BUCKET, key });
  const job = useQuery({
    queryKey: ['pending-call', key, data?.revision],
    enabled: data !== undefined,
    queryFn: async () => (await jsonOf({ value: String(data?.value), encoding: data?.encoding })) ?? null,
  });
  return (
    <Modal opened onClose={onClose} size="xl" title="A pending call">
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          <Mono>{id}</Mono>
        </Text>
        {error && <ErrorNotice error={error} title="It is not there any more" />}
        {!job.data && !error && <Skeleton role="img" h={200} aria-label="Loading the call" />}
        {job.data && <JsonTree value={job.data} label="Settings and events" height={420} />}
      </Stack>
    </Modal>
  );
}

import { Code, Modal, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { IdentifyPendingCall } from '../../../../contract/types.gen.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Listing } from '../../components/listing.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';
import { Notice } from '../../components/notice.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { pendingColumns } from './pending-columns.tsx';
import { useListed } from './use-listed.ts';

/** Calls that kvflow still has to finish, because a warehouse is away or a process ended. */
export function PendingTab({ bucket }: { bucket: string }) {
  const found = useListed('identify-pending-list', bucket, ({ calls }) => calls, { order: 'newest' });
  const [shown, setShown] = useState<IdentifyPendingCall>();
  const columns = useMemo(() => pendingColumns(setShown), []);
  return (
    <Listing
      found={found}
      what={['pending call', 'pending calls']}
      empty={
        <EmptyState icon={IconCircleCheck} title="Nothing is pending">
          Every call of identify is written down before anything is done, and taken away when all of it is in
          the warehouse. What a process that ended or a warehouse that is away leaves shows here until it is
          done.
        </EmptyState>
      }
    >
      <Notice color="blue">
        These events are safe. kvflow takes up what is older than ten seconds
        (users_recognition.reconcile_after_sec), and waits longer after each try, up to five minutes.{' '}
        <Code>kvflow check</Code> looks at every warehouse.
      </Notice>
      <DataTable label="Pending calls" rows={found.rows ?? []} columns={columns} rowId={({ key }) => key} />
      {shown && <PendingDetails bucket={bucket} call={shown} onClose={() => setShown(undefined)} />}
    </Listing>
  );
}

interface PendingDetailsProps {
  bucket: string;
  call: IdentifyPendingCall;
  onClose(): void;
}

/** What is written down of a call: its settings and events. */
function PendingDetails({ bucket, call: { key, call }, onClose }: PendingDetailsProps) {
  const asked = useInvoke('identify-pending-list', { bucket, key, all_namespaces: true }, { exact: true });
  const { data } = asked;
  const found = data?.calls[0];
  return (
    <Modal opened onClose={onClose} size="xl" title="A pending call">
      <Stack gap="xs">
        <Muted>
          <Mono>{call}</Mono>
        </Muted>
        <QueryState query={asked} what="the call" title="It cannot be read" />
        {data && !found && <Text size="sm">It is finished.</Text>}
        {found && (
          <JsonTree
            value={{ settings: found.settings, events: found.content }}
            label="Settings and events"
            height={420}
          />
        )}
      </Stack>
    </Modal>
  );
}

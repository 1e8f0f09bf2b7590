import { Code } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { AUDIT_BUCKET } from '../../../../contract/own-buckets.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Listing } from '../../components/listing.tsx';
import { Muted } from '../../components/muted.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { AuditTable } from './audit-table.tsx';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { useListed } from './use-listed.ts';

/** What amendments changed in warehouses. */
export function AuditTab({ bucket }: { bucket: string }) {
  const found = useListed('identify-change-list', bucket, ({ changes }) => changes);
  return (
    <Listing
      found={found}
      what={['change', 'changes']}
      empty={
        <EmptyState
          icon={IconHistory}
          title="No row was amended yet"
          actions={<TryIt calls={EXAMPLE_CALLS} done={EXAMPLE_DONE} onDone={found.refresh} />}
        >
          When identify gives rows of a warehouse an identity, it writes down what stood there before, in{' '}
          <Code>{AUDIT_BUCKET}</Code>.
        </EmptyState>
      }
    >
      <Muted mb="sm">Open a visitor to set its rows back.</Muted>
      <AuditTable rows={found.rows ?? []} bucket={bucket} />
    </Listing>
  );
}

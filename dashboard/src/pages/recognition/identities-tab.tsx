import { IconId } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { IdentifyVisitor } from '../../../../contract/types.gen.ts';
import { leftColumn, textColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Listing } from '../../components/listing.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { expectedNodes, IdentityValues } from './identity-values.tsx';
import { eventName, shownId } from './names.ts';
import { useListed } from './use-listed.ts';
import { VisitorLink } from './visitor-link.tsx';

/** Who is whom. */
export function IdentitiesTab({ bucket }: { bucket: string }) {
  const found = useListed('identify-visitor-list', bucket, ({ visitors }) => visitors, { order: 'newest' });
  const rows = found.rows ?? [];
  const nodes = expectedNodes(rows).join('\n');
  const columns = useMemo(() => columnsOf(bucket, nodes.split('\n')), [bucket, nodes]);
  return (
    <Listing
      found={found}
      what={['identity', 'identities']}
      empty={
        <EmptyState
          icon={IconId}
          title="Nobody has been named yet"
          actions={<TryIt calls={EXAMPLE_CALLS} done={EXAMPLE_DONE} onDone={found.refresh} />}
        >
          An event with an anonymous id and an id or email of the user says who the visitor is.
        </EmptyState>
      }
    >
      <DataTable label="Identities" rows={rows} columns={columns} rowId={({ key }) => key} />
    </Listing>
  );
}

function columnsOf(bucket: string, nodes: readonly string[]): Column<IdentifyVisitor>[] {
  return [
    {
      id: 'visitor',
      header: 'Visitor',
      width: '24%',
      sortBy: visitor => shownId(visitor).text,
      cell: identity => <VisitorLink bucket={bucket} visitor={identity} />,
    },
    {
      id: 'identity',
      header: 'Is',
      sortBy: ({ identity }) => identity.map(({ value }) => value).join(' '),
      cell: ({ identity }) => <IdentityValues values={identity} expected={nodes} />,
    },
    { ...textColumn('by', 'By event', ({ by }) => eventName(by)), width: '20%' },
    whenColumn('at', 'Since', ({ at }) => at),
    leftColumn('Time left', 'no end'),
  ];
}

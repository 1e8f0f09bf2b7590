import { IconId } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Countdown, When } from '../../components/amounts.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Mono } from '../../components/mono.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { useNewest } from '../../hooks/use-newest.ts';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { expectedNodes, IdentityValues } from './identity-values.tsx';
import { Listing } from './listing.tsx';
import { type Identity, readIdentity } from './stored.ts';
import { VisitorLink } from './visitor-link.tsx';

/** Who is whom. */
export function IdentitiesTab({ bucket }: { bucket: string }) {
  const found = useNewest({ name: 'identities', bucket, filter: '*.*.*', read: readIdentity });
  const rows = found.rows.filter(row => row !== undefined);
  const nodes = expectedNodes(rows).join('\n');
  const columns = useMemo(() => columnsOf(bucket, nodes.split('\n')), [bucket, nodes]);
  return (
    <Listing
      found={found}
      what="identities"
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
      <DataTable
        label="Identities"
        rows={rows}
        columns={columns}
        rowId={({ namespace, destination, token, sequence }) =>
          `${sequence} ${namespace} ${destination} ${token}`
        }
      />
    </Listing>
  );
}

function columnsOf(bucket: string, nodes: readonly string[]): Column<Identity>[] {
  return [
    {
      id: 'visitor',
      header: 'Visitor',
      width: '24%',
      sortBy: ({ anonymousId }) => anonymousId.text,
      cell: identity => <VisitorLink bucket={bucket} visitor={identity} />,
    },
    {
      id: 'identity',
      header: 'Is',
      sortBy: ({ values }) => values.map(({ value }) => value).join(' '),
      cell: ({ values }) => <IdentityValues values={values} expected={nodes} />,
    },
    {
      id: 'by',
      header: 'By event',
      width: '20%',
      cell: ({ by }) => <Mono fz="sm">{by}</Mono>,
    },
    {
      id: 'at',
      header: 'Since',
      width: 120,
      sortBy: ({ at }) => at,
      cell: ({ at }) => <When at={at} fz="sm" />,
    },
    {
      id: 'left',
      header: 'Time left',
      align: 'right',
      width: 130,
      sortBy: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) => (expiresAt ? <Countdown until={expiresAt} fz="sm" /> : 'no end'),
    },
  ];
}

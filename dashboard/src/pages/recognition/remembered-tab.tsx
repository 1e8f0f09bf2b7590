import { Text } from '@mantine/core';
import { IconUserQuestion } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { IdentifyListedEvent } from '../../../../contract/types.gen.ts';
import { leftColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Listing } from '../../components/listing.tsx';
import { Mark } from '../../components/mark.tsx';
import { Mono } from '../../components/mono.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { formatCount } from '../../lib/format.ts';
import { valueSummary } from '../../lib/value-summary.ts';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { eventName, shownId } from './names.ts';
import { useListed } from './use-listed.ts';
import { VisitorLink } from './visitor-link.tsx';

/** Read at once: several are of one visitor. */
const EVENTS = 200;

/** Visitors whose events wait to be recognized. */
export function RememberedTab({ bucket }: { bucket: string }) {
  const found = useListed('identify-event-list', bucket, ({ events }) => events, { limit: EVENTS });
  const visitors = byVisitor(found.rows ?? []);
  const columns = useMemo(() => columnsOf(bucket), [bucket]);
  return (
    <Listing
      found={found}
      what={['remembered event', 'remembered events']}
      empty={
        <EmptyState
          icon={IconUserQuestion}
          title="No visitor is remembered"
          actions={<TryIt calls={EXAMPLE_CALLS} done={EXAMPLE_DONE} onDone={found.refresh} />}
        >
          identify remembers the events of visitors nobody has named yet, for the time of lookback_minutes.
          The example sends three, and then names one of the visitors.
        </EmptyState>
      }
    >
      <DataTable
        label="Remembered visitors"
        rows={visitors}
        columns={columns}
        rowId={({ id }) => id}
        sort={{ id: 'last', desc: true }}
      />
    </Listing>
  );
}

interface RememberedVisitor {
  id: string;
  latest: IdentifyListedEvent;
  events: number;
  recognized: number;
  /** When the first of its events is forgotten. */
  expires_at?: string;
}

/** Events come newest first, so that the first of a visitor is its latest. */
function byVisitor(events: readonly IdentifyListedEvent[]): RememberedVisitor[] {
  const visitors = new Map<string, RememberedVisitor>();
  for (const event of events) {
    const id = `${event.namespace} ${event.destination ?? ''} ${shownId(event).text}`;
    const known = visitors.get(id) ?? { id, latest: event, events: 0, recognized: 0 };
    known.events += 1;
    if (event.recognized_as) known.recognized += 1;
    if (event.expires_at !== undefined) known.expires_at = event.expires_at;
    visitors.set(id, known);
  }
  return [...visitors.values()];
}

function columnsOf(bucket: string): Column<RememberedVisitor>[] {
  return [
    {
      id: 'visitor',
      header: 'Visitor',
      width: '26%',
      sortBy: ({ latest }) => shownId(latest).text,
      cell: ({ latest }) => <VisitorLink bucket={bucket} visitor={latest} />,
    },
    {
      id: 'events',
      header: 'Events',
      align: 'right',
      width: 100,
      sortBy: ({ events }) => events,
      cell: ({ events, recognized }) => (
        <>
          <span className="num">{formatCount(events)}</span>
          {recognized > 0 && (
            <Mark size="xs" color="teal" ml={6}>
              {recognized === events ? 'recognized' : `${recognized} recognized`}
            </Mark>
          )}
        </>
      ),
    },
    {
      id: 'latest',
      header: 'Latest event',
      cell: ({ latest }) => (
        <Text size="sm" lineClamp={2} component="div">
          <Mono>
            {latest.event === undefined
              ? eventName({ table: latest.table, key: latest.primary_key ?? [] })
              : valueSummary(latest.event)}
          </Mono>
        </Text>
      ),
    },
    whenColumn('last', 'Seen', ({ latest }) => latest.at),
    leftColumn('Time left', 'no end'),
  ];
}

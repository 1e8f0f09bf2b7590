import { Chip, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { requestJson } from '../../api/request.ts';
import { countColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { useStore } from '../../lib/store.ts';
import { type Counts, pendingOf, pointsOf } from './counts.ts';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { addSample, samples } from './samples.ts';

const Charts = lazy(() => import('./charts.tsx'));
const EVERY_MS = 5_000;

/** What this kvflow has counted since it started, and what happens now. */
export function CountersTab() {
  const [destination, setDestination] = useState<string>();
  const seen = useStore(samples);
  const { error, refetch } = useQuery({
    queryKey: ['recognition'],
    refetchInterval: EVERY_MS,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const answer = await requestJson<{ destinations: Record<string, Counts> }>('/recognition', { signal });
      const at = Date.now();
      addSample(answer.destinations, at);
      return at;
    },
  });
  const counts = seen.at(-1)?.counts;
  const query = { data: counts, error, refetch };
  if (!counts) return <QueryState query={query} what="the counters" title="The counters cannot be read" />;
  if (counts.size === 0) {
    return (
      <EmptyState
        icon={IconChartLine}
        title="identify was not called yet"
        actions={<TryIt calls={EXAMPLE_CALLS} done={EXAMPLE_DONE} onDone={() => void refetch()} />}
      >
        Not since this kvflow started, that is: counters begin anew with it. The example stores four events in
        the database inside kvflow, <code>embedded</code>, and the last of them names a visitor.
      </EmptyState>
    );
  }
  const names = [...counts.keys()].sort();
  const rows = [...counts].map(([name, own]) => ({ name, ...own }));
  return (
    <Stack gap="lg">
      {error && <ErrorNotice error={error} title="The counters cannot be read just now" onRetry={refetch} />}
      <Panel title="Since the start">
        <DataTable label="Counters by destination" rows={rows} columns={COLUMNS} rowId={({ name }) => name} />
      </Panel>
      {names.length > 1 && (
        <Group gap="xs" role="group" aria-label="Destination of the charts">
          <Text size="sm" fw={600}>
            Charts of
          </Text>
          <Chip size="xs" checked={destination === undefined} onChange={() => setDestination(undefined)}>
            all destinations
          </Chip>
          {names.map(name => (
            <Chip
              key={name}
              size="xs"
              checked={destination === name}
              onChange={() => setDestination(destination === name ? undefined : name)}
            >
              {called(name)}
            </Chip>
          ))}
        </Group>
      )}
      {seen.length < 2 ? (
        <Muted role="status">
          The charts begin in a few seconds: they show what happens while this page is open.
        </Muted>
      ) : (
        <Suspense fallback={<Skeleton role="img" h={260} aria-label="Loading the charts" />}>
          <Charts points={pointsOf(seen, destination)} pending={pendingOf(seen)} names={names} />
        </Suspense>
      )}
      <Muted size="xs">
        Took: what the warehouse needed on average to amend up to 1,000 rows. Counted by this process since it
        started; pending is counted in NATS, whichever process began it. The same figures are at /metrics for
        Prometheus.
      </Muted>
    </Stack>
  );
}

type Named = Counts & { name: string };

const COLUMNS: readonly Column<Named>[] = [
  {
    id: 'name',
    header: 'Destination',
    sortBy: ({ name }) => name,
    cell: ({ name }) => <b className="wrap">{called(name)}</b>,
  },
  countColumn('events', 'Events', ({ events }) => events),
  countColumn('anonymous', 'Anonymous', ({ anonymous }) => anonymous),
  countColumn('identified', 'Identified', ({ identified }) => identified),
  countColumn('recognized', 'Recognized', ({ recognized }) => recognized),
  countColumn('late', 'Late', ({ late }) => late),
  countColumn('robots', 'Robots', ({ bots }) => bots),
  countColumn('amended', 'Amended', ({ amended }) => amended),
  countColumn('failed', 'Failed', ({ failed }) => failed),
  countColumn('pending', 'Pending', ({ pending }) => pending),
  {
    id: 'took',
    header: 'Took',
    align: 'right',
    cell: ({ amend }) => (amend.count > 0 ? milliseconds(amend.seconds / amend.count) : '–'),
  },
];

function called(name: string): string {
  return name === 'none' ? 'no destination' : name;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}

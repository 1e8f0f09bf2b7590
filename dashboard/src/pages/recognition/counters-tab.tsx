import { Chip, Group, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { requestJson } from '../../api/request.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { formatCount } from '../../lib/format.ts';
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
  if (!counts && error)
    return <ErrorNotice error={error} title="The counters cannot be read" onRetry={refetch} />;
  if (!counts) return <Skeleton role="img" h={320} aria-label="Loading the counters" />;
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
  return (
    <Stack gap="lg">
      {error && <ErrorNotice error={error} title="The counters cannot be read just now" onRetry={refetch} />}
      <CountsTable names={names} counts={counts} />
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
        <Text size="sm" c="dimmed" role="status">
          The charts begin in a few seconds: they show what happens while this page is open.
        </Text>
      ) : (
        <Suspense fallback={<Skeleton role="img" h={260} aria-label="Loading the charts" />}>
          <Charts points={pointsOf(seen, destination)} pending={pendingOf(seen)} names={names} />
        </Suspense>
      )}
      <Text size="xs" c="dimmed">
        Took: what the warehouse needed on average to amend up to 1,000 rows. Counted by this process since it
        started; pending is counted in NATS, whichever process began it. The same figures are at /metrics for
        Prometheus.
      </Text>
    </Stack>
  );
}

const FIELDS: [label: string, value: (counts: Counts) => ReactNode][] = [
  ['Events', ({ events }) => formatCount(events)],
  ['Anonymous', ({ anonymous }) => formatCount(anonymous)],
  ['Identified', ({ identified }) => formatCount(identified)],
  ['Recognized', ({ recognized }) => formatCount(recognized)],
  ['Late', ({ late }) => formatCount(late)],
  ['Robots', ({ bots }) => formatCount(bots)],
  ['Amended', ({ amended }) => formatCount(amended)],
  ['Failed', ({ failed }) => formatCount(failed)],
  ['Pending', ({ pending }) => formatCount(pending)],
  ['Took', ({ amend }) => (amend.count > 0 ? milliseconds(amend.seconds / amend.count) : '–')],
];

function CountsTable({ names, counts }: { names: string[]; counts: Map<string, Counts> }) {
  return (
    <Paper withBorder p="md" bg="var(--kv-surface)" component="section" aria-label="Since the start">
      <Title order={2} size="h5" mb="xs">
        Since the start
      </Title>
      <Table.ScrollContainer
        minWidth={720}
        type="native"
        tabIndex={0}
        role="region"
        aria-label="Counters by destination"
      >
        <Table aria-label="Counters by destination" verticalSpacing="xs" horizontalSpacing={8} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Destination</Table.Th>
              {FIELDS.map(([label]) => (
                <Table.Th key={label} scope="col" ta="right">
                  {label}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {names.map(name => {
              const own = counts.get(name);
              return (
                <Table.Tr key={name}>
                  <Table.Th scope="row" className="wrap">
                    {called(name)}
                  </Table.Th>
                  {FIELDS.map(([label, value]) => (
                    <Table.Td key={label} ta="right" className="num">
                      {own && value(own)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function called(name: string): string {
  return name === 'none' ? 'no destination' : name;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}

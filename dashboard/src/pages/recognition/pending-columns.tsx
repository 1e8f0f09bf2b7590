import { Badge, Button, Code, Stack, Text, Tooltip } from '@mantine/core';
import { Countdown, When } from '../../components/amounts.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import type { PendingCall } from './pending-entries.ts';
import { type Tries, triesFor } from './wait-notes.ts';

/** What the columns are made from. */
export interface PendingState {
  /** Keys of calls that a process works on right now. */
  claimed: ReadonlySet<string>;
  notes: ReadonlyMap<string, Tries>;
  onShow(call: PendingCall): void;
}

/** Columns of the pending calls. */
export function pendingColumns({ claimed, notes, onShow }: PendingState): Column<PendingCall>[] {
  const tries = ({ key }: PendingCall) => triesFor(notes, key);
  return [
    {
      id: 'destination',
      header: 'Destination',
      sortBy: ({ destination }) => destination,
      cell: ({ destination, namespace }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600} className="wrap">
            {destination}
          </Text>
          {namespace !== 'default' && (
            <Text size="xs" c="dimmed" className="wrap">
              {namespace}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      id: 'call',
      header: 'Call',
      cell: call => (
        <Button variant="subtle" size="compact-sm" px={4} onClick={() => onShow(call)}>
          <Mono>{call.id}</Mono>
        </Button>
      ),
    },
    {
      id: 'events',
      header: 'Events',
      align: 'right',
      sortBy: ({ events }) => events,
      cell: ({ events, bytes }) => (
        <span className="num">{events === undefined ? formatBytes(bytes) : formatCount(events)}</span>
      ),
    },
    {
      id: 'age',
      header: 'Begun',
      sortBy: ({ at }) => at,
      cell: ({ at }) => <When at={at} fz="sm" />,
    },
    {
      id: 'failure',
      header: 'Last failure',
      width: '32%',
      sortBy: call => tries(call)?.code,
      cell: call => <Failure tries={tries(call)} />,
    },
    {
      id: 'state',
      header: 'State',
      align: 'right',
      sortBy: call => tries(call)?.attempts,
      cell: call => <State isTried={claimed.has(call.key)} tries={tries(call)} />,
    },
  ];
}

function Failure({ tries }: { tries: Tries | undefined }) {
  if (!tries) {
    return (
      <Text size="sm" c="dimmed">
        none yet
      </Text>
    );
  }
  return (
    <Stack gap={2} align="flex-start">
      <Code>{tries.code}</Code>
      <Tooltip label={tries.message} multiline maw={480}>
        <Text size="xs" lineClamp={2} className="wrap">
          {tries.message}
        </Text>
      </Tooltip>
    </Stack>
  );
}

function State({ isTried, tries }: { isTried: boolean; tries: Tries | undefined }) {
  return (
    <Stack gap={2} align="flex-end">
      <Badge variant="light" tt="none" color={isTried ? 'blue' : 'orange'}>
        {isTried ? 'being tried' : 'waiting'}
      </Badge>
      {tries && (
        <Text size="xs" c="dimmed" className="num">
          {plural(tries.attempts, 'try', 'tries')}
          {!isTried && (
            <>
              , next in <Countdown until={tries.nextAt} over="a moment" inherit c="inherit" />
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}

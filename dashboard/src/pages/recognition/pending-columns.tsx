import { Badge, Button, Code, Stack, Text, Tooltip } from '@mantine/core';
import type { IdentifyPendingCall, IdentifyWait } from '../../../../contract/types.gen.ts';
import { Countdown } from '../../components/amounts.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { whenColumn } from '../../components/time-columns.tsx';
import { formatCount, plural } from '../../lib/format.ts';

/** Columns of the pending calls. */
export function pendingColumns(onShow: (call: IdentifyPendingCall) => void): Column<IdentifyPendingCall>[] {
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
          <Mono>{call.call}</Mono>
        </Button>
      ),
    },
    {
      id: 'events',
      header: 'Events',
      align: 'right',
      sortBy: ({ events }) => events,
      cell: ({ events }) => <span className="num">{formatCount(events)}</span>,
    },
    whenColumn({ id: 'age', header: 'Begun', time: ({ at }) => at }),
    {
      id: 'failure',
      header: 'Last failure',
      width: '32%',
      sortBy: ({ waits }) => waits?.code,
      cell: ({ waits }) => <Failure waits={waits} />,
    },
    {
      id: 'state',
      header: 'State',
      align: 'right',
      sortBy: ({ waits }) => waits?.attempts,
      cell: ({ claimed, waits }) => <State isTried={claimed} waits={waits} />,
    },
  ];
}

function Failure({ waits }: { waits: IdentifyWait | undefined }) {
  if (!waits) {
    return (
      <Text size="sm" c="dimmed">
        none yet
      </Text>
    );
  }
  return (
    <Stack gap={2} align="flex-start">
      <Code>{waits.code}</Code>
      <Tooltip label={waits.message} multiline maw={480}>
        <Text size="xs" lineClamp={2} className="wrap">
          {waits.message}
        </Text>
      </Tooltip>
    </Stack>
  );
}

function State({ isTried, waits }: { isTried: boolean; waits: IdentifyWait | undefined }) {
  return (
    <Stack gap={2} align="flex-end">
      <Badge variant="light" tt="none" color={isTried ? 'blue' : 'orange'}>
        {isTried ? 'being tried' : 'waiting'}
      </Badge>
      {waits && (
        <Text size="xs" c="dimmed" className="num">
          {plural(waits.attempts, 'try', 'tries')}
          {!isTried && (
            <>
              , next in <Countdown until={waits.next_try_at} over="a moment" inherit c="inherit" />
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}

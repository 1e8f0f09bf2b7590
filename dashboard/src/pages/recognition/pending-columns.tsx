import { Button, Code, Stack, Text, Tooltip } from '@mantine/core';
import type { IdentifyPendingCall, IdentifyWait } from '../../../../contract/types.gen.ts';
import { Countdown } from '../../components/amounts.tsx';
import { countColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { Mark } from '../../components/mark.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { plural } from '../../lib/format.ts';

/** Columns of the pending calls. */
export function pendingColumns(onShow: (call: IdentifyPendingCall) => void): Column<IdentifyPendingCall>[] {
  return [
    {
      id: 'destination',
      header: 'Destination',
      sortBy: ({ destination }) => destination,
      cell: ({ destination, namespace }) => (
        <TwoLines below={namespace !== 'default' && namespace}>
          <b>{destination}</b>
        </TwoLines>
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
    countColumn('events', 'Events', ({ events }) => events),
    whenColumn('age', 'Begun', ({ at }) => at),
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
    return <Muted>none yet</Muted>;
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
      <Mark color={isTried ? 'blue' : 'orange'}>{isTried ? 'being tried' : 'waiting'}</Mark>
      {waits && (
        <Muted size="xs" className="num">
          {plural(waits.attempts, 'try', 'tries')}
          {!isTried && (
            <>
              , next in <Countdown until={waits.next_try_at} over="a moment" c="inherit" />
            </>
          )}
        </Muted>
      )}
    </Stack>
  );
}

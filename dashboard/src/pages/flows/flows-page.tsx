import { Button, Card, Group, Stack, Text } from '@mantine/core';
import type { FlowsStatus } from '../../../../contract/flows-status.ts';
import { useFlows, useFlowsMode } from '../../api/flows.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Mark } from '../../components/mark.tsx';
import { Muted } from '../../components/muted.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { formatBytes, plural } from '../../lib/format.ts';

/** Whether the process of the flows is up, and safe mode. */
export default function FlowsPage() {
  const asked = useFlows();
  const { data } = asked;
  const change = useFlowsMode();
  return (
    <>
      <PageHeader
        title="Flows"
        subtitle="Node-RED runs beside kvflow, in a process of its own: whatever a flow does to it, calls go on."
        actions={
          <Button component="a" href="/flows/" variant="default">
            Open the editor
          </Button>
        }
      />
      <QueryState query={asked} what="the state of the flows" title="The flows cannot be looked at" />
      {change.error && <ErrorNotice error={change.error} title="The flows were not started" mb="md" />}
      {data && (
        <Card withBorder padding="lg" radius="md">
          <Stack gap="sm">
            <State status={data} />
            {data.mode !== 'off' && (
              <Steer status={data} busy={change.isPending} onMode={mode => change.mutate(mode)} />
            )}
          </Stack>
        </Card>
      )}
    </>
  );
}

const WORDS: Record<FlowsStatus['state'], { label: string; color: string; says: string }> = {
  idle: {
    label: 'Not started',
    color: 'gray',
    says: 'No flow was deployed. Whoever opens the editor first starts it.',
  },
  starting: { label: 'Starting', color: 'blue', says: 'Node-RED is being loaded.' },
  running: { label: 'Running', color: 'green', says: 'The editor answers.' },
  waiting: { label: 'Down', color: 'red', says: 'The process ended by itself and is started again.' },
  stopped: { label: 'Off', color: 'gray', says: 'Flows are switched off by the setting KVFLOW_FLOWS.' },
};

function State({ status }: { status: FlowsStatus }) {
  const { label, color, says } = WORDS[status.state];
  const safe = status.mode === 'safe' && !status.flows_running;
  return (
    <>
      <Group gap="xs" role="status">
        <Mark color={color}>{label}</Mark>
        {safe && <Mark color="orange">Safe mode</Mark>}
        <Text size="sm">
          {says}
          {safe && ' No flow runs until flows are deployed.'}
        </Text>
      </Group>
      <Muted>
        Ended by itself: {plural(status.restarts, 'time')}
        {status.resident_bytes !== undefined && ` · memory: ${formatBytes(status.resident_bytes)}`}
      </Muted>
      {status.ended && (
        <Text size="sm" className="wrap">
          Last: {status.ended.why} ({new Date(status.ended.at).toLocaleString()})
        </Text>
      )}
    </>
  );
}

interface SteerProps {
  status: FlowsStatus;
  busy: boolean;
  onMode(mode: 'on' | 'safe'): void;
}

function Steer({ status, busy, onMode }: SteerProps) {
  return (
    <Group gap="xs">
      <Button size="xs" loading={busy} onClick={() => onMode('on')}>
        {status.state === 'idle' ? 'Start' : 'Start again'}
      </Button>
      <Button size="xs" variant="default" loading={busy} onClick={() => onMode('safe')}>
        Start in safe mode
      </Button>
      <Muted size="xs">Safe mode starts the editor without running flows, to mend one that does harm.</Muted>
    </Group>
  );
}

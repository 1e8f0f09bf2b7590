import { Badge, Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import type { FlowsStatus } from '../../../../contract/flows-status.ts';
import { useFlows, useFlowsMode } from '../../api/flows.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { formatBytes, plural } from '../../lib/format.ts';

/** Whether the process of the flows is up, and safe mode. */
export default function FlowsPage() {
  const { data, error, refetch } = useFlows();
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
      {error && <ErrorNotice error={error} title="The flows cannot be looked at" onRetry={refetch} />}
      {change.error && <ErrorNotice error={change.error} title="The flows were not started" mb="md" />}
      {!data && !error && <Skeleton h={160} role="status" aria-label="Loading the state of the flows" />}
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
        <Badge color={color} variant="light" tt="none">
          {label}
        </Badge>
        {safe && (
          <Badge color="orange" variant="light" tt="none">
            Safe mode
          </Badge>
        )}
        <Text size="sm">
          {says}
          {safe && ' No flow runs until flows are deployed.'}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        Ended by itself: {plural(status.restarts, 'time')}
        {status.resident_bytes !== undefined && ` · memory: ${formatBytes(status.resident_bytes)}`}
      </Text>
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
      <Text size="xs" c="dimmed">
        Safe mode starts the editor without running flows, to mend one that does harm.
      </Text>
    </Group>
  );
}

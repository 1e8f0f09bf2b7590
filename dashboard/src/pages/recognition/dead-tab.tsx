import { Alert, Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import { useAction, useInvoke } from '../../api/use-invoke.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { plural } from '../../lib/format.ts';
import { deadColumns } from './dead-columns.tsx';
import { DropDialog } from './drop-dialog.tsx';

const DAY_MS = 86_400_000;

/** Events that could not be stored: why, until when they are kept, and what can be done. */
export function DeadTab({ bucket }: { bucket: string }) {
  const [namespace, setNamespace] = useState('default');
  const [cursors, setCursors] = useState<string[]>([]);
  const [dropping, setDropping] = useState<IdentifyDeadLetter | 'all'>();
  const of = { ...(bucket !== EVENTS_BUCKET && { bucket }), namespace: namespace || 'default' };
  const cursor = cursors.at(-1);
  const { data, error, refetch } = useInvoke('identify-dead-list', { ...of, ...(cursor && { cursor }) });
  const replay = useAction('identify-dead-replay', {
    refresh: ['identify-dead-list'],
    done: ({ stored, failed, pending }) =>
      `${plural(stored, 'event')} stored${failed > 0 ? `, ${failed} refused again` : ''}${pending > 0 ? `, ${pending} wait for the warehouse` : ''}.`,
  });
  useKeys({ r: () => void refetch() });
  const columns = deadColumns({
    onReplay: ({ key }) => replay.mutate({ ...of, key }),
    onDrop: setDropping,
  });
  if (error) return <ErrorNotice error={error} title="The dead letters cannot be listed" onRetry={refetch} />;
  if (!data) return <Skeleton role="img" h={220} aria-label="Loading dead letters" />;
  const { letters } = data;
  const ending = letters.filter(({ expires_at }) => endsSoon(expires_at));
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <TextInput
          label="Namespace"
          size="xs"
          value={namespace}
          onChange={event => {
            setNamespace(event.currentTarget.value);
            setCursors([]);
          }}
        />
        {letters.length > 0 && (
          <Group gap="xs">
            <Guarded
              calls="identify-dead-replay"
              bucket={bucket}
              size="compact-sm"
              onClick={() => replay.mutate(of)}
            >
              Replay all
            </Guarded>
            <Guarded
              calls="identify-dead-drop"
              bucket={bucket}
              size="compact-sm"
              variant="default"
              onClick={() => setDropping('all')}
            >
              Drop all
            </Guarded>
          </Group>
        )}
      </Group>
      {replay.error && <ErrorNotice error={replay.error} />}
      {ending.length > 0 && (
        <Alert icon={<IconAlertTriangle size={18} aria-hidden />} color="orange">
          <Text size="sm">
            {plural(ending.length, 'event')} of this page end within a day, and are gone then: repair the
            table and replay them.
          </Text>
        </Alert>
      )}
      {letters.length === 0 ? (
        <EmptyState icon={IconCircleCheck} title="No dead letters">
          An event that a warehouse refuses, at once or later, is kept here with the reason until its window
          ends.
        </EmptyState>
      ) : (
        <DataTable label="Dead letters" rows={letters} columns={columns} rowId={({ key }) => key} />
      )}
      <Group justify="center" gap="xs">
        {cursors.length > 0 && (
          <Button variant="default" size="compact-sm" onClick={() => setCursors(cursors.slice(0, -1))}>
            Page before
          </Button>
        )}
        {data.cursor !== undefined && (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => setCursors([...cursors, data.cursor ?? ''])}
          >
            Next page
          </Button>
        )}
      </Group>
      {dropping && <DropDialog letter={dropping} of={of} onClose={() => setDropping(undefined)} />}
    </Stack>
  );
}

function endsSoon(expiresAt: string | undefined): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) - Date.now() < DAY_MS;
}

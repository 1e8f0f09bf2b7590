import { Group, Stack } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import { useAction } from '../../api/use-invoke.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Listing } from '../../components/listing.tsx';
import { Notice } from '../../components/notice.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { plural } from '../../lib/format.ts';
import { deadColumns } from './dead-columns.tsx';
import { type DeadScope, DropDialog } from './drop-dialog.tsx';
import { useListed } from './use-listed.ts';

const DAY_MS = 86_400_000;

/** Events that could not be stored: why, until when they are kept, and what can be done. */
export function DeadTab({ bucket }: { bucket: string }) {
  const [namespace, setNamespace] = useState('');
  const [dropping, setDropping] = useState<IdentifyDeadLetter | 'all'>();
  const found = useListed('identify-dead-list', bucket, ({ letters }) => letters, {
    ...(namespace !== '' && { namespace }),
  });
  const of: DeadScope = {
    ...(bucket !== EVENTS_BUCKET && { bucket }),
    ...(namespace === '' ? { all_namespaces: true } : { namespace }),
  };
  const replay = useAction('identify-dead-replay', {
    refresh: ['identify-dead-list'],
    done: ({ stored, failed, pending }) =>
      `${plural(stored, 'event')} stored${failed > 0 ? `, ${failed} refused again` : ''}${pending > 0 ? `, ${pending} wait for the warehouse` : ''}.`,
  });
  const columns = deadColumns({ onReplay: ({ key }) => replay.mutate({ ...of, key }), onDrop: setDropping });
  const letters = found.rows ?? [];
  const ending = letters.filter(({ expires_at }) => endsSoon(expires_at));
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <TextBox
          label="Namespace"
          placeholder="all"
          size="xs"
          value={namespace}
          onChange={text => setNamespace(text.trim())}
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
        <Notice icon={IconAlertTriangle} mb={0}>
          {plural(ending.length, 'event')} of those listed end within a day, and are gone then: repair the
          table and replay them.
        </Notice>
      )}
      <div>
        <Listing
          found={found}
          what={['dead letter', 'dead letters']}
          order="by destination"
          more="Show more dead letters"
          empty={
            <EmptyState icon={IconCircleCheck} title="No dead letters">
              An event that a warehouse refuses, at once or later, is kept here with the reason until its
              window ends.
            </EmptyState>
          }
        >
          <DataTable label="Dead letters" rows={letters} columns={columns} rowId={({ key }) => key} />
        </Listing>
      </div>
      {dropping && <DropDialog letter={dropping} of={of} onClose={() => setDropping(undefined)} />}
    </Stack>
  );
}

function endsSoon(expiresAt: string | undefined): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) - Date.now() < DAY_MS;
}

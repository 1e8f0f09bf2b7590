import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { IdentifyKnownVisitor, IdentifyRememberedEvent } from '../../../../contract/types.gen.ts';
import { Countdown, When } from '../../components/amounts.tsx';
import { leftColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';
import { plural } from '../../lib/format.ts';
import { valueSummary } from '../../lib/value-summary.ts';
import { AuditTable } from './audit-table.tsx';
import { expectedNodes, IdentityValues } from './identity-values.tsx';
import { eventName } from './names.ts';
import { whereOf } from './visitor-link.tsx';

/** A visitor in one destination: who it is, what is remembered, what was changed. */
export function KnownSection({
  known,
  bucket,
  hashed,
  onUndo,
}: {
  known: IdentifyKnownVisitor;
  bucket: string;
  /** Only the hash of the anonymous id is known. */
  hashed: boolean;
  onUndo(): void;
}) {
  const { identity, by, at, expires_at, events, changes } = known;
  const named = identity.length > 0;
  const nothing = named || changes.length > 0 ? undefined : 'There is nothing to undo.';
  const tooLong = hashed ? 'Look the visitor up by its whole id to undo it.' : undefined;
  return (
    <section aria-label={whereOf(known)}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" className="wrap">
          {whereOf(known)}
        </Title>
        <Guarded
          calls="identify-undo"
          bucket={bucket}
          blocked={nothing ?? tooLong}
          variant="default"
          icon={IconArrowBackUp}
          onClick={onUndo}
        >
          Undo recognition
        </Guarded>
      </Group>
      <Stack gap="md">
        <Paper withBorder p="md" bg="var(--kv-surface)">
          {at !== undefined ? (
            <Group justify="space-between" gap="md">
              <IdentityValues values={identity} expected={named ? expectedNodes([known]) : []} />
              <Muted component="div">
                {named && by && (
                  <>
                    by <Mono>{eventName(by)}</Mono>,{' '}
                  </>
                )}
                <When at={at} />
                {expires_at && (
                  <>
                    {' '}
                    · kept for <Countdown until={expires_at} />
                  </>
                )}
              </Muted>
            </Group>
          ) : (
            <Text size="sm">Anonymous: no event named this visitor yet.</Text>
          )}
        </Paper>
        {changes.length > 0 && (
          <Part title={`${plural(known.changes_total, 'row')} changed`}>
            <AuditTable
              rows={changes.map(({ key, ...change }) => ({ ...change, primary_key: key })).reverse()}
            />
          </Part>
        )}
        {events.length > 0 && (
          <Part title={plural(known.events_total, 'remembered event')}>
            <DataTable
              label="Remembered events"
              rows={events}
              columns={EVENT_COLUMNS}
              rowId={event => `${event.at} ${nameOf(event)}`}
            />
          </Part>
        )}
      </Stack>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={3} size="h6" mb={6}>
        {title}
      </Title>
      {children}
    </div>
  );
}

function nameOf({ table, key = [] }: IdentifyRememberedEvent): string {
  return eventName({ table, key });
}

const EVENT_COLUMNS: readonly Column<IdentifyRememberedEvent>[] = [
  {
    id: 'event',
    header: 'Event',
    width: '22%',
    cell: event => (
      <Mono fz="sm" fw={600}>
        {nameOf(event)}
      </Mono>
    ),
  },
  {
    id: 'content',
    header: 'Content',
    cell: ({ event }) => <Mono fz="sm">{valueSummary(event)}</Mono>,
  },
  {
    id: 'recognized',
    header: 'Recognized as',
    cell: ({ recognized_as }) =>
      recognized_as ? <IdentityValues values={recognized_as} /> : <Muted>not yet</Muted>,
  },
  whenColumn('at', 'Seen', ({ at }) => at),
  leftColumn('Time left', 'no end'),
];

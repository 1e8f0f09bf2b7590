import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Countdown, When } from '../../components/amounts.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Mono } from '../../components/mono.tsx';
import { plural } from '../../lib/format.ts';
import { valueSummary } from '../../lib/value-summary.ts';
import { AuditTable } from './audit-table.tsx';
import { expectedNodes, IdentityValues } from './identity-values.tsx';
import type { RememberedEvent } from './stored.ts';
import type { KnownVisitor } from './use-visitor.ts';
import { whereOf } from './visitor-link.tsx';

/** A visitor in one destination: who it is, what is remembered, what was changed. */
export function KnownSection({
  known: { visitor, identity, events, changes },
  bucket,
  onUndo,
}: {
  known: KnownVisitor;
  bucket: string;
  onUndo(): void;
}) {
  const named = (identity?.values.length ?? 0) > 0;
  const nothing = named || changes.length > 0 ? undefined : 'There is nothing to undo.';
  const hashed = visitor.anonymousId.hashed ? 'Look the visitor up by its whole id to undo it.' : undefined;
  return (
    <section aria-label={whereOf(visitor)}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" className="wrap">
          {whereOf(visitor)}
        </Title>
        <Guarded
          calls="identify-undo"
          bucket={bucket}
          blocked={nothing ?? hashed}
          variant="default"
          leftSection={<IconArrowBackUp size={16} aria-hidden />}
          onClick={onUndo}
        >
          Undo recognition
        </Guarded>
      </Group>
      <Stack gap="md">
        <Paper withBorder p="md" bg="var(--kv-surface)">
          {identity ? (
            <Group justify="space-between" gap="md">
              <IdentityValues values={identity.values} expected={named ? expectedNodes([identity]) : []} />
              <Text size="sm" c="dimmed" component="div">
                {named && identity.by !== '' && (
                  <>
                    by <Mono>{identity.by}</Mono>,{' '}
                  </>
                )}
                <When at={identity.at} inherit />
                {identity.expiresAt && (
                  <>
                    {' '}
                    · kept for <Countdown until={identity.expiresAt} inherit />
                  </>
                )}
              </Text>
            </Group>
          ) : (
            <Text size="sm">Anonymous: no event named this visitor yet.</Text>
          )}
        </Paper>
        {changes.length > 0 && (
          <Part title={`${plural(changes.length, 'row')} changed`}>
            <AuditTable rows={changes} />
          </Part>
        )}
        {events.length > 0 && (
          <Part title={plural(events.length, 'remembered event')}>
            <DataTable
              label="Remembered events"
              rows={events}
              columns={EVENT_COLUMNS}
              rowId={({ sequence, name }) => `${sequence} ${name}`}
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

const EVENT_COLUMNS: readonly Column<RememberedEvent>[] = [
  {
    id: 'event',
    header: 'Event',
    width: '22%',
    cell: ({ name, table }) => (
      <Stack gap={0}>
        <Mono fz="sm" fw={600}>
          {name}
        </Mono>
        {table !== '' && !name.startsWith(table) && (
          <Text size="xs" c="dimmed" className="wrap">
            {table}
          </Text>
        )}
      </Stack>
    ),
  },
  {
    id: 'content',
    header: 'Content',
    cell: ({ event }) => <Mono fz="sm">{event === undefined ? '(large)' : valueSummary(event)}</Mono>,
  },
  {
    id: 'recognized',
    header: 'Recognized as',
    cell: ({ recognizedAs }) =>
      recognizedAs ? (
        <IdentityValues values={recognizedAs} />
      ) : (
        <Text size="sm" c="dimmed">
          not yet
        </Text>
      ),
  },
  { id: 'at', header: 'Seen', width: 120, cell: ({ at }) => <When at={at} fz="sm" /> },
  {
    id: 'left',
    header: 'Time left',
    align: 'right',
    width: 130,
    cell: ({ expiresAt }) => (expiresAt ? <Countdown until={expiresAt} fz="sm" /> : 'no end'),
  },
];

import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { formatCount, plural } from '../../lib/format.ts';

/** What {@link PurgeByPattern} is given. */
export interface PurgeByPatternProps {
  bucket: string;
  /** The pattern to begin with. */
  filter: string;
  onDone(): void;
  onClose(): void;
}

/** From so many keys on the bucket's name has to be typed. */
const MANY = 25;

/** Purges every key that matches a pattern: first it is counted, and only what was counted can be confirmed. */
export function PurgeByPattern({ bucket, filter, onDone, onClose }: PurgeByPatternProps) {
  const [pattern, setPattern] = useState(filter);
  const [typed, setTyped] = useState('');
  const count = useAction('kv-key-purge', { refresh: [] });
  const purge = useAction('kv-key-purge', {
    done: ({ purged }) => `${plural(purged, 'key')} purged.`,
  });
  const counted = count.data && count.variables?.filter === pattern ? count.data.matched : undefined;
  const confirmed = counted !== undefined && counted > 0 && (counted < MANY || typed === bucket);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (counted === undefined) count.mutate({ bucket, filter: pattern, dry_run: true });
    if (!confirmed) return;
    purge.mutate(
      { bucket, filter: pattern },
      {
        onSuccess: () => {
          onDone();
          onClose();
        },
      },
    );
  }

  return (
    <Modal opened onClose={onClose} title="Purge by pattern">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Pattern"
            description="A key, or a pattern: * is one part between dots, > at the end is all that follows."
            placeholder="session.*"
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={pattern}
            onChange={event => setPattern(event.currentTarget.value.trim())}
            disabled={purge.isPending}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          {counted === 0 && <Alert color="gray">No key matches this pattern.</Alert>}
          {counted !== undefined && counted > 0 && (
            <Alert color="red" role="status" title={`${plural(counted, 'key')} will be removed`}>
              With all their history. There is no way back.
            </Alert>
          )}
          {counted !== undefined && counted >= MANY && (
            <TextInput
              label={`Type ${bucket} to confirm`}
              value={typed}
              onChange={event => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {(purge.error ?? count.error) && <ErrorNotice error={purge.error ?? count.error} />}
          {counted === undefined && (
            <Text size="sm" c="dimmed">
              Nothing is removed before you have seen how many keys it would be.
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            {counted === undefined ? (
              <Button type="submit" loading={count.isPending} disabled={pattern === ''}>
                Count the keys
              </Button>
            ) : (
              <Button type="submit" color="red" loading={purge.isPending} disabled={!confirmed}>
                Purge {formatCount(counted)}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

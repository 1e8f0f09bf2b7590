import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { keyRange } from '../../lib/key-range.ts';

/** What {@link PurgeByPattern} is given. */
export interface PurgeByPatternProps {
  bucket: string;
  /** The pattern or search to begin with. */
  filter: string;
  onDone(): void;
  onClose(): void;
}

/** From so many keys on the bucket's name has to be typed. */
const MANY = 25;

/** Purges every key that matches a pattern, or that a search finds: first it is counted, and only what was counted can be confirmed. */
export function PurgeByPattern({ bucket, filter, onDone, onClose }: PurgeByPatternProps) {
  const [pattern, setPattern] = useState(filter);
  const [typed, setTyped] = useState('');
  const count = useAction('kv-key-purge', { refresh: [] });
  const purge = useAction('kv-key-purge', {
    done: ({ purged }) => `${plural(purged, 'key')} purged.`,
  });
  const [asked, setAsked] = useState<string>();
  const range = { bucket, ...keyRange(pattern) };
  const counted = count.data && asked === pattern ? count.data.matched : undefined;
  const confirmed = counted !== undefined && counted > 0 && (counted < MANY || typed === bucket);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (counted === undefined) {
      setAsked(pattern);
      count.mutate({ ...range, dry_run: true });
    }
    if (!confirmed) return;
    purge.mutate(range, {
      onSuccess: () => {
        onDone();
        onClose();
      },
    });
  }

  return (
    <Modal opened onClose={onClose} title="Purge by pattern">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Pattern"
            description="A key, a pattern such as session.*, or a search: *part of a name*, /re/, value:word, size>10k."
            placeholder="session.*"
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={pattern}
            onChange={event => setPattern(event.currentTarget.value)}
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
              <Button type="submit" loading={count.isPending} disabled={pattern.trim() === ''}>
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

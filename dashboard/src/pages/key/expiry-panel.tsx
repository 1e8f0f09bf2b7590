import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { useAction } from '../../api/use-invoke.ts';
import { Countdown } from '../../components/amounts.tsx';
import { DurationField } from '../../components/duration-field.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import type { StoredItem } from './stored-item.ts';
import { hasOwnTtl, takesTtl } from './ttl-choice.tsx';

/** What {@link ExpiryPanel} is given. */
export interface ExpiryPanelProps {
  item: StoredItem;
  info: BucketInfo;
  blocked: string | undefined;
}

/** When the item ends, and ways to move that without touching its value. */
export function ExpiryPanel({ item, info, blocked }: ExpiryPanelProps) {
  const { bucket, key, revision: expected_revision, expires_at } = item;
  const [ttl, setTtl] = useState<number>();
  const touch = useAction('kv-key-touch', {
    done: ({ expires_at: until }) => (until ? 'It has a new end.' : 'It does not expire any more.'),
  });
  const own = hasOwnTtl(item, info);
  const send = (change: { ttl?: number }) => touch.mutate({ bucket, key, expected_revision, ...change });
  const guard = {
    calls: 'kv-key-touch',
    bucket,
    blocked,
    size: 'compact-sm',
    disabled: touch.isPending,
  } as const;
  return (
    <Panel title="Expiry">
      <Stack gap="xs">
        {expires_at ? (
          <Text size="sm" data-expiry>
            Expires in <Countdown until={expires_at} fw={600} />
            {!own && <Text span c="dimmed">{` by the bucket's ttl of ${durationWords(info.ttl)}`}</Text>}
          </Text>
        ) : (
          <Text size="sm" data-expiry>
            Never expires.
          </Text>
        )}
        {takesTtl(info) ? (
          <>
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <DurationField label="New ttl, from now" size="xs" flex={1} value={ttl} onChange={setTtl} />
              <Button.Group>
                <Guarded
                  {...guard}
                  size="xs"
                  disabled={!ttl || touch.isPending}
                  onClick={() => ttl && send({ ttl })}
                >
                  Set
                </Guarded>
              </Button.Group>
            </Group>
            {own && (
              <Group gap="xs">
                <Guarded {...guard} variant="default" onClick={() => send({})}>
                  Start again
                </Guarded>
                <Guarded {...guard} variant="default" onClick={() => send({ ttl: 0 })}>
                  Remove ttl
                </Guarded>
              </Group>
            )}
          </>
        ) : (
          <Muted size="xs">
            This bucket does not allow a ttl per key. Turn on key_ttl in its options to set one.
          </Muted>
        )}
        {touch.error && <ErrorNotice error={touch.error} />}
      </Stack>
    </Panel>
  );
}

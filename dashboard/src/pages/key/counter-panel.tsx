import { Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { NumberField } from '../../components/number-field.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatCount } from '../../lib/format.ts';
import type { StoredItem } from './stored-item.ts';

/** Whether the value is a whole number, which kv-key-increment can count. */
export function isCounter({ value, encoding }: StoredItem): boolean {
  return encoding !== 'base64' && /^-?\d{1,15}$/.test(value);
}

/** Counts up and down, atomically: nobody else's step is lost. */
export function CounterPanel({ item, blocked }: { item: StoredItem; blocked: string | undefined }) {
  const { bucket, key } = item;
  const [by, setBy] = useState<unknown>(10);
  const step = useAction('kv-key-increment', { done: ({ value }) => `Now ${formatCount(value)}.` });
  const guard = {
    calls: 'kv-key-increment',
    bucket,
    blocked,
    size: 'xs',
    px: 8,
    variant: 'default',
  } as const;
  const add = (amount: number) => step.mutate({ bucket, key, by: amount });
  return (
    <Panel title="Counter">
      <Stack gap="xs">
        <Group gap="xs" wrap="nowrap">
          <Guarded {...guard} onClick={() => add(-1)}>
            −1
          </Guarded>
          <Guarded {...guard} onClick={() => add(1)}>
            +1
          </Guarded>
          <NumberField size="xs" aria-label="Step" value={by} onChange={setBy} whole w={110} />
          <Guarded
            {...guard}
            disabled={typeof by !== 'number'}
            onClick={() => typeof by === 'number' && add(by)}
          >
            Add
          </Guarded>
        </Group>
        {step.error && <ErrorNotice error={step.error} />}
      </Stack>
    </Panel>
  );
}

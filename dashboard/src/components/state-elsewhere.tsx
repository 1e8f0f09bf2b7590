import { Alert, Code } from '@mantine/core';
import { IconServer2 } from '@tabler/icons-react';
import { useAccess } from '../api/access.ts';

/** A function's state that may be on a NATS of its own. */
export type OwnState = 'transform' | 'recognition';

const ABOUT = {
  transform: { what: 'What scripts keep in $kv', setting: 'TRANSFORM_NATS_URL' },
  recognition: { what: 'What identify keeps', setting: 'USER_RECOGNITION_NATS_URL' },
} as const;

/** Whether the state is on a NATS that this page cannot read. */
export function useIsElsewhere(state: OwnState): boolean {
  return useAccess()?.state[state].own_nats ?? false;
}

/** Says that the state is not here, and how to see it; nothing where it is. */
export function StateElsewhere({ state }: { state: OwnState }) {
  const isElsewhere = useIsElsewhere(state);
  if (!isElsewhere) return null;
  const { what, setting } = ABOUT[state];
  return (
    <Alert
      color="orange"
      mb="md"
      icon={<IconServer2 size={18} aria-hidden />}
      title="Kept on a NATS of its own"
    >
      {what} is on the NATS that <Code>{setting}</Code> names. This page reads the buckets of kvflow&apos;s
      main NATS alone: what it lists, if anything, is from before. To look into the other one, start one more
      kvflow whose <Code>NATS_URL</Code> is that address, and open its dashboard.
    </Alert>
  );
}

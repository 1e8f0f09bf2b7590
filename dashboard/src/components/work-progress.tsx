import { Group, Progress, Stack } from '@mantine/core';
import { Muted } from './muted.tsx';
import { SmallButton } from './small-button.tsx';

/** What {@link WorkProgress} is given. */
export interface WorkProgressProps {
  /** What goes on: "the import". */
  work: string;
  /** How far it has come, in words. */
  words: string;
  /** From 0 to 1; undefined: it is not known how much there is. */
  share: number | undefined;
  onCancel(): void;
}

/** How far a long work has come, with a way to end it. */
export function WorkProgress({ work, words, share, onCancel }: WorkProgressProps) {
  return (
    <Stack gap={6}>
      <Progress
        value={share === undefined ? 100 : Math.min(100, share * 100)}
        animated
        aria-label={`Progress of ${work}`}
      />
      <Group justify="space-between">
        <Muted className="num wrap" role="status">
          {words}
        </Muted>
        <SmallButton onClick={onCancel}>Cancel</SmallButton>
      </Group>
    </Stack>
  );
}

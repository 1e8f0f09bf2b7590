import { Button, Group, Text } from '@mantine/core';
import { Guarded } from '../../components/guarded.tsx';
import { formatCount } from '../../lib/format.ts';
import type { Selection } from './selection.ts';

/** What {@link SelectionBar} is given. */
export interface SelectionBarProps {
  bucket: string;
  selection: Selection;
  blocked: string | undefined;
  onDelete(): void;
}

/** How much is selected, and what to do with it. */
export function SelectionBar({ bucket, selection, blocked, onDelete }: SelectionBarProps) {
  return (
    <Group gap="xs">
      <Text size="sm" fw={600} role="status">
        {formatCount(selection.keys.size)} selected
      </Text>
      <Guarded
        calls="kv-key-delete"
        bucket={bucket}
        blocked={blocked}
        size="compact-sm"
        color="red"
        variant="light"
        onClick={onDelete}
      >
        Delete
      </Guarded>
      <Button size="compact-sm" variant="subtle" onClick={selection.clear}>
        Clear
      </Button>
    </Group>
  );
}

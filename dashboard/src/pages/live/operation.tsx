import { IconClockX, IconEraser, IconPencil, IconTrash } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Change } from '../../api/change.ts';
import { Mark } from '../../components/mark.tsx';

/** What a change can be. */
export type Operation = Change['operation'];

interface Look {
  color: string;
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** For the one who does not know the word. */
  meaning: string;
}

/** How each operation looks: a colour, an icon and a word, for nobody sees all three alike. */
export const OPERATIONS: Record<Operation, Look> = {
  put: { color: 'teal', icon: IconPencil, meaning: 'A value was written' },
  delete: { color: 'red', icon: IconTrash, meaning: 'Deleted; the history is kept' },
  purge: { color: 'grape', icon: IconEraser, meaning: 'Deleted with its history' },
  expire: { color: 'orange', icon: IconClockX, meaning: 'Its time was over' },
};

/** The names, in the order they are shown. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as Operation[];

/** An operation in a list. */
export function OperationBadge({ operation }: { operation: Operation }) {
  const { color, icon: Icon } = OPERATIONS[operation];
  return (
    <Mark color={color} w={84} leftSection={<Icon size={13} stroke={1.8} />}>
      {operation}
    </Mark>
  );
}

import { ActionIcon } from '@mantine/core';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { IconButton } from '../../components/icon-button.tsx';
import { visibleText } from '../../lib/visible-text.ts';
import { navigate } from '../../router/location.ts';
import type { Neighbours } from './neighbours.ts';

/** What {@link NeighbourButtons} is given. */
export interface NeighbourButtonsProps {
  neighbours: Neighbours;
  addressOf(key: string): string;
}

/** To the key before and the key after. */
export function NeighbourButtons({ neighbours: { previous, next }, addressOf }: NeighbourButtonsProps) {
  const arrow = (to: string | undefined, label: string) => ({
    label,
    tip: to === undefined ? label : `${label}: ${visibleText(to)}`,
    disabled: to === undefined,
    onClick: () => to !== undefined && navigate(addressOf(to)),
    size: 'lg',
    variant: 'default',
  });
  return (
    <ActionIcon.Group>
      <IconButton icon={IconArrowLeft} {...arrow(previous, 'Previous key')} />
      <IconButton icon={IconArrowRight} {...arrow(next, 'Next key')} />
    </ActionIcon.Group>
  );
}

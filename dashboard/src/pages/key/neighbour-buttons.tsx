import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { visibleText } from '../../lib/visible-text.ts';
import { navigate } from '../../router/location.ts';
import type { Neighbours } from './neighbours.ts';

/** To the key before and the key after. */
export function NeighbourButtons({
  neighbours,
  addressOf,
}: {
  neighbours: Neighbours;
  addressOf(key: string): string;
}) {
  const { previous, next } = neighbours;
  return (
    <ActionIcon.Group>
      <Arrow to={previous} label="Previous key" addressOf={addressOf} Icon={IconArrowLeft} />
      <Arrow to={next} label="Next key" addressOf={addressOf} Icon={IconArrowRight} />
    </ActionIcon.Group>
  );
}

interface ArrowProps {
  to: string | undefined;
  label: string;
  addressOf(key: string): string;
  Icon: typeof IconArrowLeft;
}

function Arrow({ to, label, addressOf, Icon }: ArrowProps) {
  const button = (
    <ActionIcon
      size="lg"
      variant="default"
      aria-label={label}
      disabled={to === undefined}
      onClick={() => to !== undefined && navigate(addressOf(to))}
    >
      <Icon size={17} stroke={1.6} />
    </ActionIcon>
  );
  return to === undefined ? button : <Tooltip label={`${label}: ${visibleText(to)}`}>{button}</Tooltip>;
}

import { ActionIcon, type ActionIconProps, Tooltip } from '@mantine/core';
import type { ComponentType } from 'react';

/** An icon of the set. */
export type Icon = ComponentType<{ size?: number | string; stroke?: number | string }>;

/** What {@link IconButton} is given, beside what a button takes. */
export interface IconButtonProps extends ActionIconProps {
  icon: Icon;
  /** What it does, for the tooltip and those who cannot see it. */
  label: string;
  /** On the tooltip, where that says more. */
  tip?: string;
  /** Whether it is on, for one that switches. */
  pressed?: boolean;
  onClick(): void;
}

/** A button that is an icon alone. */
export function IconButton({
  icon: Shown,
  label,
  tip = label,
  pressed,
  size = 'md',
  ...props
}: IconButtonProps) {
  return (
    <Tooltip label={tip}>
      <ActionIcon size={size} aria-label={label} aria-pressed={pressed} {...props}>
        <Shown size={size === 'lg' ? 20 : size === 'sm' ? 15 : 17} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}

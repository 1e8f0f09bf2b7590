import { Text, type TextProps } from '@mantine/core';
import type { HTMLAttributes } from 'react';

/** What {@link Muted} is given. */
export type MutedProps = TextProps & Omit<HTMLAttributes<HTMLElement>, 'style'> & { component?: 'div' };

/** What is said by the way, in small and paler text. */
export function Muted(props: MutedProps) {
  return <Text size="sm" c="dimmed" {...(props as TextProps)} />;
}

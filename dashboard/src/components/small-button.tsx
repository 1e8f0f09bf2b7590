import { Button, type ButtonProps } from '@mantine/core';
import type { ButtonHTMLAttributes } from 'react';

/** What {@link SmallButton} is given. */
export type SmallButtonProps = ButtonProps & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'color' | 'style'>;

/** A button beside what it is about, which does not stand out. */
export function SmallButton(props: SmallButtonProps) {
  return <Button size="compact-sm" variant="default" {...props} />;
}

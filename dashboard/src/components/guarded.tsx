import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentType, MouseEvent, ReactNode } from 'react';
import { usePermission } from '../api/access.ts';

/** What {@link Guarded} is given, beside what a button takes. */
export interface GuardedProps extends ButtonProps {
  /** Function that the button calls. */
  calls: string;
  bucket?: string;
  icon?: ComponentType<{ size?: number | string }>;
  /** Another reason why it cannot work now, such as a bucket that is sealed. */
  blocked?: string | undefined;
  onClick?: (event: MouseEvent<HTMLButtonElement>) => void;
  type?: 'button' | 'submit';
  children: ReactNode;
  'aria-label'?: string;
}

/** A button that cannot be pressed where what it does would be refused, and says why. */
export function Guarded({
  calls,
  bucket,
  icon: Shown,
  blocked,
  disabled,
  children,
  onClick,
  type = 'button',
  ...props
}: GuardedProps) {
  const permission = usePermission(calls, bucket);
  const reason = blocked ?? permission.reason;
  // The tooltip stays around it, so that the button stays the same one, with its focus, when the reason goes away.
  return (
    <Tooltip label={reason} disabled={reason === undefined}>
      <Button
        {...(Shown && { leftSection: <Shown size={16} aria-hidden /> })}
        {...props}
        type={type}
        disabled={disabled}
        data-disabled={reason !== undefined || undefined}
        aria-disabled={reason !== undefined || undefined}
        onClick={event => {
          // It stays reachable by the keyboard, so that the reason is too.
          if (reason === undefined) onClick?.(event);
          else event.preventDefault();
        }}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

import { Alert, type AlertProps } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { ComponentType } from 'react';

/** What {@link Notice} is given, beside what an alert takes. */
export interface NoticeProps extends Omit<AlertProps, 'icon'> {
  icon?: ComponentType<{ size?: number | string }>;
}

/** Something to know about what is shown below it, in a line or two. */
export function Notice({ icon: Icon = IconInfoCircle, ...props }: NoticeProps) {
  return (
    <Alert
      role="status"
      color="orange"
      variant="light"
      py={8}
      mb="sm"
      icon={<Icon size={18} aria-hidden />}
      {...props}
    />
  );
}

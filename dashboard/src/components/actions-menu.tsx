import { ActionIcon, type ActionIconProps, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { usePermission } from '../api/access.ts';
import { follow } from '../router/link.tsx';

/** What {@link ActionsMenu} is given, beside what its button takes. */
export interface ActionsMenuProps extends ActionIconProps {
  /** Names whose actions these are: "Actions of orders". */
  label: string;
  children: ReactNode;
}

/** A button with three dots, and what can be done with something below it. */
export function ActionsMenu({ label, children, ...props }: ActionsMenuProps) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon {...props} aria-label={label}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

interface ItemProps {
  icon: ComponentType<{ size?: number | string }>;
  children: ReactNode;
}

/** An item that leads to a page. */
export function MenuLink({ to, icon: Icon, children }: ItemProps & { to: string }) {
  return (
    <Menu.Item component="a" href={to} onClick={follow} leftSection={<Icon size={16} aria-hidden />}>
      {children}
    </Menu.Item>
  );
}

/** What {@link MenuAction} is given. */
export interface MenuActionProps extends ItemProps {
  /** Function that it calls. */
  calls: string;
  bucket: string;
  /** Another reason why it cannot work now. */
  blocked?: string | undefined;
  /** It takes something away. */
  danger?: boolean;
  onClick(): void;
}

/** An item that does something; where that would be refused it is off and says why. */
export function MenuAction({ icon: Icon, calls, bucket, blocked, danger, ...props }: MenuActionProps) {
  const { reason } = usePermission(calls, bucket);
  const why = blocked ?? reason;
  return (
    <Menu.Item
      {...props}
      {...(danger && { color: 'var(--mantine-color-red-light-color)' })}
      leftSection={<Icon size={16} aria-hidden />}
      disabled={why !== undefined}
      title={why}
    />
  );
}

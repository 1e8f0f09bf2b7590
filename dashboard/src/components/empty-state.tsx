import { Stack, ThemeIcon, Title } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import type { ComponentType, ReactNode } from 'react';
import { Muted } from './muted.tsx';

/** What {@link EmptyState} is given. */
export interface EmptyStateProps {
  title: string;
  /** What to do next, in a sentence or two. */
  children?: ReactNode;
  icon?: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** Buttons. */
  actions?: ReactNode;
}

/** In place of a list with nothing in it: says why, and what to do next. */
export function EmptyState({ title, children, icon: Icon = IconInbox, actions }: EmptyStateProps) {
  return (
    <Stack align="center" gap="sm" py={56} px="md" ta="center">
      <ThemeIcon size={52} radius="xl" variant="light" color="gray" aria-hidden>
        <Icon size={26} stroke={1.5} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children && (
        <Muted maw={520} component="div">
          {children}
        </Muted>
      )}
      {actions}
    </Stack>
  );
}

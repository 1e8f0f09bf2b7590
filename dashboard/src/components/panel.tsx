import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** What {@link Panel} is given. */
export interface PanelProps {
  title: string;
  /** For those who cannot see it. Default: the title. */
  label?: string;
  children: ReactNode;
}

/** A titled box, a part of a page. */
export function Panel({ title, label = title, children }: PanelProps) {
  return (
    <Paper withBorder p="sm" bg="var(--kv-surface)" component="section" aria-label={label}>
      <Title order={2} size="h6" mb={8}>
        {title}
      </Title>
      {children}
    </Paper>
  );
}

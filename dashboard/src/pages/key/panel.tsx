import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A titled box at the side. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="sm" bg="var(--kv-surface)" component="section" aria-label={title}>
      <Title order={2} size="h6" mb={8}>
        {title}
      </Title>
      {children}
    </Paper>
  );
}

import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Muted } from './muted.tsx';

/** What {@link TwoLines} is given. */
export interface TwoLinesProps {
  children: ReactNode;
  /** In small below it. */
  below?: ReactNode;
}

/** What stands in a cell of a table, with something to know of it below. */
export function TwoLines({ children, below }: TwoLinesProps) {
  return (
    <Stack gap={0}>
      <Text size="sm" className="wrap" component="div">
        {children}
      </Text>
      {below && (
        <Muted size="xs" className="wrap">
          {below}
        </Muted>
      )}
    </Stack>
  );
}

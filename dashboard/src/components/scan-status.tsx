import { Button, Group, Progress } from '@mantine/core';
import type { Scan } from '../hooks/use-scan.ts';
import { Muted } from './muted.tsx';

/** What {@link ScanStatus} is given. */
export interface ScanStatusProps {
  scan: Scan<unknown>;
  /** How far it has come, in words. */
  what: string;
  /** From 0 to 1 where it is known how much there is. */
  share?: number | undefined;
  onCancel(): void;
}

/** How far a scan has come: words, a bar and a way to end it. */
export function ScanStatus({ scan: { kind }, what, share, onCancel }: ScanStatusProps) {
  const running = kind === 'running';
  return (
    <Group gap="xs">
      {running && (
        <Progress
          w={90}
          value={share === undefined ? 100 : Math.min(100, share * 100)}
          animated={share === undefined}
          aria-label="Progress"
        />
      )}
      <Muted size="xs" className="num wrap" role="status">
        {kind === 'cancelled' ? `Ended early: ${what}` : kind === 'failed' ? '' : what}
      </Muted>
      {running && (
        <Button size="compact-xs" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </Group>
  );
}

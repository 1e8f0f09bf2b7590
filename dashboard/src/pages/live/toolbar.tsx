import { Button, Group, Stack } from '@mantine/core';
import { IconCamera, IconEraser, IconPlayerPause, IconPlayerPlay, IconStack2 } from '@tabler/icons-react';
import { formatCount } from '../../lib/format.ts';
import { ConnectionBadge } from './connection-notice.tsx';
import type { Feed, FeedState } from './feed.ts';
import type { Operation } from './operation.tsx';
import { OperationChips } from './operation-chips.tsx';
import { Rate } from './rate.tsx';
import type { Connection } from './use-connection.ts';

/** Pixels that "Go on (99,999 waiting)" takes. */
const GO_ON_WIDTH = 220;

/** What {@link Toolbar} is given. */
export interface ToolbarProps extends Pick<FeedState, 'counts' | 'paused' | 'waiting'> {
  feed: Feed;
  connection: Connection;
  hidden: ReadonlySet<Operation>;
  folded: boolean;
  /** Changes that can be captured. */
  matched: number;
  onHide(hidden: ReadonlySet<Operation>): void;
  onPause(): void;
  onFold(folded: boolean): void;
  onCapture(): void;
}

/** How it stands, what is shown, and what can be done with it. */
export function Toolbar({
  feed,
  connection,
  paused,
  waiting,
  counts,
  hidden,
  folded,
  matched,
  onHide,
  onPause,
  onFold,
  onCapture,
}: ToolbarProps) {
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  const button = { size: 'compact-sm', variant: 'default' } as const;
  return (
    <Stack gap="xs" mb="sm">
      {/* What grows with the changes stands behind or below what is pressed: nothing moves away under the pointer. */}
      <Group gap="xs">
        <Button
          {...button}
          miw={GO_ON_WIDTH}
          variant={paused ? 'filled' : 'default'}
          leftSection={<Icon size={16} stroke={1.6} aria-hidden />}
          onClick={onPause}
        >
          <span className="num">{paused ? `Go on (${formatCount(waiting)} waiting)` : 'Pause'}</span>
        </Button>
        <Button
          {...button}
          leftSection={<IconEraser size={16} stroke={1.6} aria-hidden />}
          onClick={feed.clear}
        >
          Clear
        </Button>
        <Button
          {...button}
          variant={folded ? 'light' : 'default'}
          aria-pressed={folded}
          leftSection={<IconStack2 size={16} stroke={1.6} aria-hidden />}
          onClick={() => onFold(!folded)}
        >
          By key
        </Button>
        <Button
          {...button}
          disabled={matched === 0}
          leftSection={<IconCamera size={16} stroke={1.6} aria-hidden />}
          onClick={onCapture}
        >
          Capture
        </Button>
        <Rate feed={feed} />
      </Group>
      <Group gap="sm">
        <ConnectionBadge connection={connection} paused={paused} />
        <OperationChips counts={counts} hidden={hidden} onChange={names => onHide(new Set(names))} />
      </Group>
    </Stack>
  );
}

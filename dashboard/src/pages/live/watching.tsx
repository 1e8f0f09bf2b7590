import { Button, Code, Group, Text } from '@mantine/core';
import { IconEraser, IconPlayerPause, IconPlayerPlay, IconSearchOff } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useWatch } from '../../api/use-watch.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { changeColumns } from './change-columns.tsx';
import { ChangeDetails } from './change-details.tsx';
import { ConnectionBadge, ConnectionNotice } from './connection-notice.tsx';
import type { Feed, Row } from './feed.ts';
import { createFeed } from './feed.ts';
import classes from './live.module.css';
import { createMatcher } from './matcher.ts';
import type { Operation } from './operation.tsx';
import { OPERATION_NAMES } from './operation.tsx';
import { OperationChips } from './operation-chips.tsx';
import { Rate } from './rate.tsx';
import { useConnection } from './use-connection.ts';
import type { Range } from './watch-bar.tsx';

const ROW = 34;
const NONE: ReadonlySet<Operation> = new Set();

/** The changes of one range, from when it was chosen on. */
export function Watching({ range, search, onRetry }: { range: Range; search: string; onRetry(): void }) {
  const [feed] = useState(createFeed);
  const { rows, counts, waiting, paused } = useStore(feed.state);
  const [hidden, setHidden] = useState(NONE);
  const [open, setOpen] = useState<Row>();
  const [synced, setSynced] = useState(range.start === 'new');
  const watch = useWatch(
    { ...range, filter: range.filter || undefined },
    { onChanges: feed.push, onSynced: () => setSynced(true) },
  );
  const { connection, back, dismiss } = useConnection(watch, feed);
  const match = useMemo(() => createMatcher({ text: search, hidden }), [search, hidden]);
  const shown = useMemo(() => match(rows), [match, rows]);
  const toggle = () => (paused ? feed.resume() : feed.pause());
  useKeys({ p: toggle, c: feed.clear });
  const columns = changeColumns({
    bucket: range.bucket,
    rows: shown,
    open: open?.revision,
    onOpen: row => setOpen(row.revision === open?.revision ? undefined : row),
  });
  return (
    <>
      <ConnectionNotice connection={connection} back={back} onDismiss={dismiss} onRetry={onRetry} />
      <Group justify="space-between" gap="sm" mb="sm">
        <Group gap="sm">
          <ConnectionBadge connection={connection} paused={paused} />
          <OperationChips counts={counts} hidden={hidden} onChange={names => setHidden(new Set(names))} />
        </Group>
        <Group gap="xs">
          <Rate feed={feed} />
          <PauseButton paused={paused} waiting={waiting} onClick={toggle} />
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconEraser size={16} stroke={1.6} aria-hidden />}
            onClick={feed.clear}
          >
            Clear
          </Button>
        </Group>
      </Group>
      {shown.length === 0 ? (
        <NothingYet range={range} filtered={rows.length > 0} synced={synced} />
      ) : (
        <div className={classes.split} data-open={open !== undefined || undefined}>
          <VirtualTable
            label={`Changes of ${range.bucket}`}
            count={shown.length}
            columns={columns}
            rowKey={index => String(shown[index]?.revision ?? index)}
            height="max(260px, calc(100vh - 350px))"
            rowHeight={ROW}
            keepsPlace
            onOpen={index => setOpen(shown[index])}
            isSelected={index => shown[index]?.revision === open?.revision}
          />
          {open && <ChangeDetails bucket={range.bucket} row={open} onClose={() => setOpen(undefined)} />}
        </div>
      )}
      <Kept feed={feed} shown={shown.length} kept={rows.length} />
    </>
  );
}

function PauseButton({ paused, waiting, onClick }: { paused: boolean; waiting: number; onClick(): void }) {
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <Button
      variant={paused ? 'filled' : 'default'}
      size="compact-sm"
      leftSection={<Icon size={16} stroke={1.6} aria-hidden />}
      onClick={onClick}
    >
      <span className="num">{paused ? `Go on (${formatCount(waiting)} waiting)` : 'Pause'}</span>
    </Button>
  );
}

function NothingYet({ range, filtered, synced }: { range: Range; filtered: boolean; synced: boolean }) {
  if (filtered)
    return (
      <EmptyState icon={IconSearchOff} title="No change fits">
        There are changes, and none of them is of the operations and the text looked for.
      </EmptyState>
    );
  return (
    <EmptyState title={synced ? 'Nothing has changed yet' : 'Reading what is there'}>
      {range.filter === '' ? 'Any key' : <Code>{range.filter}</Code>} of <Code>{range.bucket}</Code> shows
      here when it is written, deleted or expires. Try it with the function <Code>kv-key-put</Code>.
    </EmptyState>
  );
}

function Kept({ feed, shown, kept }: { feed: Feed; shown: number; kept: number }) {
  const { counts } = feed.state.get();
  const told = OPERATION_NAMES.reduce((sum, name) => sum + counts[name], 0);
  if (kept === 0) return null;
  return (
    <Text size="xs" c="dimmed" mt={6} className="num">
      {shown < kept ? `${plural(shown, 'change')} of ${formatCount(kept)} shown` : plural(kept, 'change')}
      {told > kept ? `; the newest ${formatCount(kept)} of ${formatCount(told)} are kept` : ''}
    </Text>
  );
}

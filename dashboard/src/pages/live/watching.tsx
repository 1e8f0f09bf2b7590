import { Code } from '@mantine/core';
import { IconSearchOff } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { useWatches } from '../../api/use-watches.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Muted } from '../../components/muted.tsx';
import { Notice } from '../../components/notice.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { CaptureDialog } from './capture-dialog.tsx';
import { MAX_CAPTURED } from './captured.ts';
import { changeColumns, rowId } from './change-columns.tsx';
import { ChangeDetails } from './change-details.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import type { Feed, Row } from './feed.ts';
import { createFeed } from './feed.ts';
import { foldByKey } from './fold.ts';
import classes from './live.module.css';
import { createMatcher } from './matcher.ts';
import type { Operation } from './operation.tsx';
import { OPERATION_NAMES } from './operation.tsx';
import { namesMany, type Range } from './range.ts';
import { createSandboxFilter, type SandboxFilter } from './sandbox-filter.ts';
import { Toolbar } from './toolbar.tsx';
import { useConnection } from './use-connection.ts';
import { useWatchedBuckets } from './watched-buckets.ts';

/** What {@link Watching} is given. */
export interface WatchingProps {
  range: Range;
  search: string;
  /** One row for each key. */
  folded: boolean;
  onFold(folded: boolean): void;
  onRetry(): void;
}

const ROW = 34;
const NONE: ReadonlySet<Operation> = new Set();

/** The changes of one range, from when it was chosen on. */
export function Watching({ range, search, folded, onFold, onRetry }: WatchingProps) {
  const many = namesMany(range.bucket);
  const [feed] = useState(createFeed);
  const { rows, counts, waiting, paused } = useStore(feed.state);
  const [hidden, setHidden] = useState(NONE);
  const [open, setOpen] = useState<Row>();
  const [captured, setCaptured] = useState<readonly Row[]>();
  const [synced, setSynced] = useState(range.start === 'new');
  const filter = useSandboxFilter(range.when, feed);
  const { ranges, left } = useWatchedBuckets(range);
  const { state, failed } = useWatches(ranges, {
    onChanges: filter?.push ?? feed.push,
    onSynced: () => setSynced(true),
  });
  const { connection, back, dismiss } = useConnection(state, feed);
  const match = useMemo(() => createMatcher({ text: search, hidden }), [search, hidden]);
  const matched = useMemo(() => match(rows), [match, rows]);
  const shown = useMemo(() => (folded ? foldByKey(matched) : matched), [folded, matched]);
  // As it is now, which a slow tab may not have rendered yet.
  const toggle = () => (feed.state.get().paused ? feed.resume() : feed.pause());
  useKeys({ p: toggle, c: feed.clear, f: () => onFold(!folded) });
  const openId = open && rowId(open);
  const isOpen = open !== undefined;
  const columns = useMemo(() => {
    const onOpen = (row: Row) =>
      setOpen(before => (before && rowId(before) === rowId(row) ? undefined : row));
    return changeColumns({ many, isOpen, onOpen });
  }, [many, isOpen]);
  return (
    <>
      <ConnectionNotice connection={connection} back={back} onDismiss={dismiss} onRetry={onRetry} />
      {filter && <FilterNotice filter={filter} onRetry={onRetry} />}
      {many && <Left failed={[...failed.keys()]} left={left} />}
      <Toolbar
        feed={feed}
        connection={connection}
        paused={paused}
        waiting={waiting}
        counts={counts}
        hidden={hidden}
        folded={folded}
        matched={matched.length}
        onHide={setHidden}
        onPause={toggle}
        onFold={onFold}
        onCapture={() => setCaptured(matched.slice(0, MAX_CAPTURED).reverse())}
      />
      {shown.length === 0 ? (
        connection.state !== 'failed' && (
          <NothingYet range={range} filtered={rows.length > 0} synced={synced} />
        )
      ) : (
        <div className={classes.split} data-open={isOpen || undefined}>
          <DataTable
            label={many ? 'Changes' : `Changes of ${range.bucket}`}
            rows={shown}
            columns={columns}
            rowId={row => (folded ? `${row.bucket}/${row.key}` : rowId(row))}
            height="max(260px, calc(100vh - 350px))"
            rowHeight={ROW}
            keepsPlace={!folded}
            minWidth={640}
            onOpen={setOpen}
            isSelected={row => rowId(row) === openId}
          />
          {open && <ChangeDetails row={open} onClose={() => setOpen(undefined)} />}
        </div>
      )}
      <Kept feed={feed} shown={matched.length} kept={rows.length} keys={folded ? shown.length : undefined} />
      {captured && <CaptureDialog rows={captured} onClose={() => setCaptured(undefined)} />}
    </>
  );
}

function useSandboxFilter(expression: string, feed: Feed): SandboxFilter | undefined {
  const [filter] = useState(() =>
    expression === '' ? undefined : createSandboxFilter(expression, feed.push),
  );
  useEffect(() => filter?.end, [filter]);
  return filter;
}

/** What keeps a filter from judging. */
function FilterNotice({ filter, onRetry }: { filter: SandboxFilter; onRetry(): void }) {
  const { error, thrown, left } = useStore(filter.state);
  return (
    <>
      {error !== undefined && (
        <ErrorNotice error={error} title="The filter cannot be run" onRetry={onRetry} mb="sm" />
      )}
      {thrown && (
        <Notice>
          {plural(thrown.times, 'change')} not shown, of which the filter threw: <Code>{thrown.message}</Code>
        </Notice>
      )}
      {left > 0 && <Notice>{plural(left, 'change')} came faster than the filter could look at them.</Notice>}
    </>
  );
}

/** Buckets that are not watched, though they fit. */
function Left({ failed, left }: { failed: readonly string[]; left: number }) {
  if (failed.length === 0 && left === 0) return null;
  return (
    <Notice>
      {failed.length > 0 && `Not watched: ${failed.join(', ')}. `}
      {left > 0 && `${plural(left, 'bucket')} more than can be watched at once; name fewer, such as team-*.`}
    </Notice>
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
      {range.filter === '' ? 'Any key' : <Code>{range.filter}</Code>} of{' '}
      {range.bucket === '*' ? 'any bucket' : <Code>{range.bucket}</Code>} shows here when it is written,
      deleted or expires. Try it with the function <Code>kv-key-put</Code>.
    </EmptyState>
  );
}

interface KeptProps {
  feed: Feed;
  shown: number;
  kept: number;
  /** Keys that they are of, where they are folded. */
  keys: number | undefined;
}

function Kept({ feed, shown, kept, keys }: KeptProps) {
  const { counts } = feed.state.get();
  const told = OPERATION_NAMES.reduce((sum, name) => sum + counts[name], 0);
  if (kept === 0) return null;
  return (
    <Muted size="xs" mt={6} className="num wrap">
      {shown < kept ? `${plural(shown, 'change')} of ${formatCount(kept)} shown` : plural(kept, 'change')}
      {keys !== undefined && `, of ${plural(keys, 'key')}`}
      {told > kept ? `; the newest ${formatCount(kept)} of ${formatCount(told)} are kept` : ''}
    </Muted>
  );
}

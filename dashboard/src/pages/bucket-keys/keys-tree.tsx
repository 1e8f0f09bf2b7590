import { ActionIcon, Button, Loader, Text, Tooltip } from '@mantine/core';
import { IconFolder, IconKey, IconListSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import classes from './keys-tree.module.css';
import type { TreeLevels, TreeRow } from './tree-levels.ts';
import { treeRows } from './tree-levels.ts';

const ROW = 30;

/** What {@link KeysTree} is given. */
export interface KeysTreeProps {
  levels: TreeLevels;
  addressOf(key: string): string;
  /** Shows a group as a list; missing where no pattern can say it. */
  onList?: ((prefix: string) => void) | undefined;
}

/** Keys by the parts of their names. A level is asked for when it is opened; only the lines in view exist. */
export function KeysTree({ levels, addressOf, onList }: KeysTreeProps) {
  const state = useStore(levels.state);
  const rows = useMemo(() => treeRows(state), [state]);
  const [active, setActive] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  useEffect(() => {
    // Shown again, it has its levels at once, and asks whether they are still so.
    if (levels.state.get().size > 0) levels.refresh();
    else levels.open('');
    return levels.end;
  }, [levels]);
  const at = Math.max(
    0,
    rows.findIndex(({ id }) => id === active),
  );
  const root = state.get('');

  function toggle(row: TreeRow): void {
    if (row.kind === 'more') levels.more(row.prefix);
    if (row.kind !== 'child' || row.child.prefix === undefined) return;
    if (row.open) levels.close(row.child.prefix);
    else levels.open(row.child.prefix);
  }

  /** A group opens; a key that is nothing else is shown on its page. */
  function enter(row: TreeRow): void {
    if (row.kind === 'child' && row.child.prefix === undefined && row.child.key !== undefined) {
      navigate(addressOf(row.child.key));
    } else toggle(row);
  }

  function go(index: number): void {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (!row) return;
    setActive(row.id);
    virtual.scrollToIndex(rows.indexOf(row));
  }

  function onKey(event: KeyboardEvent): void {
    const row = rows[at];
    if (!row || event.target !== frame.current) return;
    const isGroup = row.kind === 'child' && row.child.prefix !== undefined;
    const isOpen = row.kind === 'child' && row.open;
    const parent = rows.findLastIndex(({ depth }, index) => index < at && depth < row.depth);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 15, PageUp: at - 15, Home: 0 }[
      event.key
    ];
    if (target !== undefined) go(target);
    else if (event.key === 'End') go(rows.length - 1);
    else if (event.key === 'Enter') enter(row);
    else if (event.key === ' ') toggle(row);
    else if (event.key === 'ArrowRight') isGroup && !isOpen ? toggle(row) : go(at + 1);
    else if (event.key === 'ArrowLeft') isOpen ? toggle(row) : go(parent);
    else return;
    event.preventDefault();
  }

  if (root?.error && root.children.length === 0) {
    return <ErrorNotice error={root.error} title="The keys cannot be listed" onRetry={levels.refresh} />;
  }
  if (root?.done && rows.length === 0)
    return <EmptyState title="No key fits">Change the filter above.</EmptyState>;
  return (
    <div
      ref={frame}
      role="tree"
      aria-label="Keys as a tree"
      aria-busy={root === undefined || root.loading}
      aria-activedescendant={rows[at] && idOf(rows[at])}
      tabIndex={0}
      className={classes.tree}
      style={{ height: 'max(240px, calc(100dvh - 224px))' }}
      onKeyDown={onKey}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keyboard
            <div
              key={row.id}
              id={idOf(row)}
              role="treeitem"
              tabIndex={-1}
              aria-level={row.depth + 1}
              aria-selected={index === at}
              aria-expanded={row.kind === 'child' && row.child.prefix !== undefined ? row.open : undefined}
              className={classes.row}
              data-active={index === at || undefined}
              style={{
                height: ROW,
                transform: `translateY(${start}px)`,
                paddingInlineStart: 10 + row.depth * 20,
              }}
              onClick={event => {
                setActive(row.id);
                if (!(event.target as HTMLElement).closest('a, button')) toggle(row);
              }}
            >
              <Line row={row} addressOf={addressOf} onList={onList} onMore={() => toggle(row)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface LineProps extends Pick<KeysTreeProps, 'addressOf' | 'onList'> {
  row: TreeRow;
  onMore(): void;
}

function Line({ row, addressOf, onList, onMore }: LineProps) {
  if (row.kind !== 'child') return <Rest row={row} onMore={onMore} />;
  const { name, key, prefix, keys } = row.child;
  const Icon = prefix === undefined ? IconKey : IconFolder;
  return (
    <>
      <span className={classes.mark} aria-hidden>
        {prefix === undefined ? '' : row.open ? '▾' : '▸'}
      </span>
      <Icon size={15} stroke={1.6} aria-hidden color="var(--mantine-color-dimmed)" style={{ flex: 'none' }} />
      {key === undefined ? (
        <StoredName name={name} empty="(empty)" className={`mono ${classes.name}`} />
      ) : (
        <Link to={addressOf(key)} className={`mono ${classes.name}`} title={visibleText(key)} c="inherit">
          <StoredName name={name} empty="(empty)" />
        </Link>
      )}
      {prefix !== undefined && (
        <>
          <span className={`num ${classes.count}`}>
            {plural(keys, 'key')}
            {row.counting && ' so far'}
          </span>
          {onList && (
            <Tooltip label={`List the keys below ${visibleText(prefix)}`}>
              <ActionIcon
                size="sm"
                aria-label={`List the keys below ${visibleText(prefix)}`}
                onClick={() => onList(prefix)}
              >
                <IconListSearch size={15} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          )}
        </>
      )}
    </>
  );
}

function Rest({ row, onMore }: { row: Extract<TreeRow, { level: unknown }>; onMore(): void }) {
  const { children, scanned, error } = row.level;
  if (row.kind === 'loading') {
    return (
      <Text size="xs" c="dimmed" className="num">
        <Loader size={10} mr={8} color="gray" aria-hidden />
        {scanned === 0 ? 'Loading' : `Counting: looked at ${formatCount(scanned)} keys`}
      </Text>
    );
  }
  return (
    <>
      <Text size="xs" c={error ? 'var(--kv-bad)' : 'dimmed'} className="num">
        {error
          ? `Stopped: ${error instanceof Error ? error.message : String(error)}`
          : `${formatCount(children.length)} shown`}
      </Text>
      <Button size="compact-xs" variant="default" onClick={onMore}>
        {error ? 'Go on' : 'Show more'}
      </Button>
    </>
  );
}

function idOf({ id }: TreeRow): string {
  return `key:${encodeURIComponent(id)}`;
}

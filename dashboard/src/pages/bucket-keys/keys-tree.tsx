import { Button, Loader, Text } from '@mantine/core';
import { IconFolder, IconKey, IconListSearch } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { Muted } from '../../components/muted.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { VirtualTree } from '../../components/virtual-tree.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import classes from './keys-tree.module.css';
import type { TreeLevels, TreeRow } from './tree-levels.ts';
import { treeRows } from './tree-levels.ts';

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
  useEffect(() => {
    // Shown again, it has its levels at once, and asks whether they are still so.
    if (levels.state.get().size > 0) levels.refresh();
    else levels.open('');
    return levels.end;
  }, [levels]);
  const root = state.get('');

  function toggle(row: TreeRow): void {
    if (row.kind === 'more') levels.more(row.prefix);
    if (row.kind !== 'child' || row.child.prefix === undefined) return;
    if (row.open) levels.close(row.child.prefix);
    else levels.open(row.child.prefix);
  }

  /** A group opens; a key that is nothing else is shown on its page. */
  function enter(row: TreeRow): void {
    if (row.kind === 'child' && row.open === undefined && row.child.key !== undefined)
      navigate(addressOf(row.child.key));
    else toggle(row);
  }

  if (root?.error && root.children.length === 0) {
    return <ErrorNotice error={root.error} title="The keys cannot be listed" onRetry={levels.refresh} />;
  }
  if (root?.done && rows.length === 0)
    return <EmptyState title="No key fits">Change the filter above.</EmptyState>;
  return (
    <VirtualTree
      label="Keys as a tree"
      lines={rows}
      line={30}
      style={{ height: 'max(240px, calc(100dvh - 262px))' }}
      busy={root === undefined || root.loading}
      onToggle={toggle}
      onEnter={enter}
      show={row => <Line row={row} addressOf={addressOf} onList={onList} onMore={() => toggle(row)} />}
    />
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
            <IconButton
              icon={IconListSearch}
              label={`List the keys below ${visibleText(prefix)}`}
              size="sm"
              onClick={() => onList(prefix)}
            />
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
      <Muted size="xs" className="num">
        <Loader size={10} mr={8} color="gray" aria-hidden />
        {scanned === 0 ? 'Loading' : `Counting: looked at ${formatCount(scanned)} keys`}
      </Muted>
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

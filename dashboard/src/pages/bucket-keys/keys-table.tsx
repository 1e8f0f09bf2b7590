import { Anchor, Checkbox, Skeleton } from '@mantine/core';
import { useMemo, useRef } from 'react';
import type { ListItem } from '../../../../contract/types.gen.ts';
import { StoredName } from '../../components/stored-name.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { useNow } from '../../hooks/use-now.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { countdown } from '../../lib/relative-time.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { follow } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { Ago } from './ago.tsx';
import type { KeyPages, PagesState } from './key-pages.ts';
import type { Selection } from './selection.ts';

/** What {@link KeysTable} is given. */
export interface KeysTableProps {
  pages: KeyPages;
  state: PagesState;
  selection: Selection;
  /** Address of a key's page. */
  addressOf(key: string): string;
  /** Shows the key beside the list in place of its page; missing where there is no room. */
  onShow?: ((key: string) => void) | undefined;
  /** Key that is shown beside the list. */
  shown?: string | undefined;
}

/** Keys in the order they were last written. Rows are loaded as they come into view. */
export function KeysTable({ pages, state, selection, addressOf, onShow, shown }: KeysTableProps) {
  const last = useRef<number>(undefined);
  const kept = pages.kept();
  const chosen = kept.filter(({ key }) => selection.keys.has(key)).length;

  function select(index: number, range: boolean): void {
    const item = pages.row(index);
    if (!item) return;
    const from = last.current;
    last.current = index;
    if (!range || from === undefined) {
      selection.toggle(item);
      return;
    }
    const rows = Array.from({ length: Math.abs(index - from) + 1 }, (_, i) => Math.min(index, from) + i);
    // What lies between two selected rows is selected too, as far as it is still at hand.
    const items = rows.map(row => pages.row(row)).filter(row => row !== undefined);
    selection.toggleAll(items.filter(({ key }) => !selection.keys.has(key)));
  }

  const columns = [
    {
      id: 'select',
      width: '24px',
      header: (
        <Checkbox
          size="xs"
          aria-label={`Select the ${formatCount(kept.length)} keys at hand`}
          checked={kept.length > 0 && chosen === kept.length}
          indeterminate={chosen > 0 && chosen < kept.length}
          onChange={() => selection.toggleAll(kept)}
        />
      ),
      cell: (index: number) => {
        const item = pages.row(index);
        return item ? (
          <Checkbox
            size="xs"
            aria-label={`Select ${visibleText(item.key)}`}
            checked={selection.keys.has(item.key)}
            onChange={event => select(index, (event.nativeEvent as MouseEvent).shiftKey)}
          />
        ) : null;
      },
    },
    {
      id: 'key',
      header: 'Key',
      width: 'minmax(160px, 1fr)',
      cell: (index: number) => {
        const item = pages.row(index);
        if (!item)
          return <Skeleton role="img" h={10} w={`${30 + ((index * 37) % 40)}%`} aria-label="Loading" />;
        return (
          <Anchor
            href={addressOf(item.key)}
            className="mono"
            c="inherit"
            aria-current={shown === item.key || undefined}
            onClick={event => {
              if (!onShow || event.ctrlKey || event.metaKey || event.shiftKey) return follow(event);
              event.preventDefault();
              onShow(item.key);
            }}
          >
            <StoredName name={item.key} />
          </Anchor>
        );
      },
    },
    column('size', 'Size', '90px', pages, ({ size = 0 }) => (
      <span title={`${formatCount(size)} bytes`}>{formatBytes(size)}</span>
    )),
    ...(onShow ? [] : wide(pages)),
  ];
  const show = useMemo(() => (first: number, end: number) => pages.show(first, end), [pages]);
  return (
    <VirtualTable
      label="Keys"
      place={location.pathname + location.search}
      count={state.count + (state.more ? 1 : 0)}
      columns={columns}
      rowKey={index => String(pages.row(index)?.sequence ?? `row ${index}`)}
      height="max(240px, calc(100dvh - 288px))"
      rowHeight={28}
      minWidth={onShow ? 300 : 640}
      onRange={show}
      onOpen={index => {
        const item = pages.row(index);
        if (!item) return;
        if (onShow) onShow(item.key);
        else navigate(addressOf(item.key));
      }}
      onFocusRow={index => {
        const item = pages.row(index);
        if (item) onShow?.(item.key);
      }}
      onRowKey={(index, event) => {
        if (event.key !== ' ') return false;
        select(index, event.shiftKey);
        return true;
      }}
      isSelected={index => selection.keys.has(pages.row(index)?.key ?? '')}
    />
  );
}

/** What there is room for where no key is shown beside the list. */
function wide(pages: KeyPages) {
  return [
    column('revision', 'Revision', '110px', pages, ({ sequence }) => formatCount(sequence)),
    column('created', 'Written', '110px', pages, ({ created_at }) => <Ago at={created_at} />),
    column('expires', 'Expires in', '120px', pages, ({ expires_at }) =>
      expires_at ? (
        <Left until={expires_at} />
      ) : (
        <span style={{ color: 'var(--mantine-color-dimmed)' }}>never</span>
      ),
    ),
  ];
}

function column(
  id: string,
  header: string,
  width: string,
  pages: KeyPages,
  cell: (item: ListItem) => React.ReactNode,
) {
  const content = (index: number) => {
    const item = pages.row(index);
    return item ? <span className="num">{cell(item)}</span> : null;
  };
  return { id, header, width, align: 'right' as const, cell: content };
}

function Left({ until }: { until: string }) {
  const now = useNow(1_000);
  const time = Date.parse(until);
  if (time <= now) return <span style={{ color: 'var(--kv-bad)' }}>expired</span>;
  return <span title={new Date(time).toLocaleString()}>{countdown(time, now)}</span>;
}

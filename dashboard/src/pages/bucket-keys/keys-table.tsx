import { Anchor, Checkbox } from '@mantine/core';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef } from 'react';
import type { ListItem } from '../../../../contract/types.gen.ts';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { useNow } from '../../hooks/use-now.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { countdown } from '../../lib/relative-time.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { follow } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { Ago } from './ago.tsx';
import { type KeyPages, type PagesState, rowsOf } from './key-pages.ts';
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
  const { keys, toggle, add, toggleAll } = selection;
  const kept = pages.kept();
  const select = useCallback(
    (index: number, range: boolean): void => {
      const item = pages.row(index);
      if (!item) return;
      const from = last.current;
      last.current = index;
      if (!range || from === undefined) {
        toggle(item);
        return;
      }
      const rows = Array.from({ length: Math.abs(index - from) + 1 }, (_, i) => Math.min(index, from) + i);
      // What lies between two selected rows is selected too, as far as it is still at hand.
      add(rows.map(row => pages.row(row)).filter(row => row !== undefined));
    },
    [pages, toggle, add],
  );
  const columns = useMemo(
    () => columnsOf({ select, addressOf, onShow, shown }),
    [select, addressOf, onShow, shown],
  );
  return (
    <AtHand value={{ kept, chosen: kept.filter(({ key }) => keys.has(key)).length, toggleAll }}>
      <DataTable
        label="Keys"
        place={location.pathname + location.search}
        rows={rowsOf(pages, state)}
        columns={columns}
        rowId={({ sequence }) => String(sequence)}
        height="max(240px, calc(100dvh - 288px))"
        rowHeight={28}
        minWidth={onShow ? 300 : 640}
        onRange={pages.show}
        onOpen={({ key }) => (onShow ? onShow(key) : navigate(addressOf(key)))}
        onFocusRow={({ key }) => onShow?.(key)}
        onRowKey={(index, event) => {
          if (event.key !== ' ') return false;
          select(index, event.shiftKey);
          return true;
        }}
        isSelected={({ key }) => keys.has(key)}
      />
    </AtHand>
  );
}

/** Keys at hand, of which so many are selected: the header tells it of itself, so that rows stay as they are. */
const AtHand = createContext<{ kept: ListItem[]; chosen: number } & Pick<Selection, 'toggleAll'>>({
  kept: [],
  chosen: 0,
  toggleAll: () => {},
});

function SelectAll() {
  const { kept, chosen, toggleAll } = useContext(AtHand);
  return (
    <Checkbox
      size="xs"
      aria-label={`Select the ${formatCount(kept.length)} keys at hand`}
      checked={kept.length > 0 && chosen === kept.length}
      indeterminate={chosen > 0 && chosen < kept.length}
      onChange={() => toggleAll(kept)}
    />
  );
}

interface Context extends Pick<KeysTableProps, 'addressOf' | 'onShow' | 'shown'> {
  select(index: number, range: boolean): void;
}

function columnsOf({ select, addressOf, onShow, shown }: Context): Column<ListItem>[] {
  return [
    {
      id: 'select',
      width: 40,
      header: <SelectAll />,
      cell: ({ key }, isSelected) => (
        <Checkbox
          size="xs"
          aria-label={`Select ${visibleText(key)}`}
          checked={isSelected}
          onChange={({ currentTarget, nativeEvent }) => {
            // Where the row is by now: others may have come before it.
            const { index } = currentTarget.closest('tr')?.dataset ?? {};
            if (index !== undefined) select(Number(index), (nativeEvent as MouseEvent).shiftKey);
          }}
        />
      ),
    },
    {
      id: 'key',
      header: 'Key',
      cell: ({ key }) => (
        <Anchor
          href={addressOf(key)}
          className="mono"
          c="inherit"
          aria-current={shown === key || undefined}
          onClick={event => {
            if (!onShow || event.ctrlKey || event.metaKey || event.shiftKey) return follow(event);
            event.preventDefault();
            onShow(key);
          }}
        >
          <StoredName name={key} />
        </Anchor>
      ),
    },
    figure('size', 'Size', ({ size = 0 }) => (
      <span title={`${formatCount(size)} bytes`}>{formatBytes(size)}</span>
    )),
    ...(onShow ? [] : WIDE),
  ];
}

function figure(id: string, header: string, cell: (item: ListItem) => ReactNode): Column<ListItem> {
  return { id, header, width: 110, align: 'right', cell: item => <span className="num">{cell(item)}</span> };
}

/** What there is room for where no key is shown beside the list. */
const WIDE = [
  figure('revision', 'Revision', ({ sequence }) => formatCount(sequence)),
  figure('created', 'Written', ({ created_at }) => <Ago at={created_at} />),
  figure('expires', 'Expires in', ({ expires_at }) =>
    expires_at ? (
      <Left until={expires_at} />
    ) : (
      <span style={{ color: 'var(--mantine-color-dimmed)' }}>never</span>
    ),
  ),
];

function Left({ until }: { until: string }) {
  const now = useNow(1_000);
  const time = Date.parse(until);
  if (time <= now) return <span style={{ color: 'var(--kv-bad)' }}>expired</span>;
  return <span title={new Date(time).toLocaleString()}>{countdown(time, now)}</span>;
}

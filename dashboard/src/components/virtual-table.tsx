import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
} from 'react';
import classes from './virtual-table.module.css';

/** One column of very many rows. */
export interface VirtualColumn {
  id: string;
  header: ReactNode;
  /** As CSS grid has it: `2fr`, `140px`, `minmax(200px, 1fr)`. */
  width: string;
  /** The cell of a row; called for the rows in view alone. */
  cell(index: number): ReactNode;
  align?: 'left' | 'right';
}

/** What {@link VirtualTable} is given. */
export interface VirtualTableProps {
  label: string;
  count: number;
  columns: readonly VirtualColumn[];
  /** A row's identity, so that what it shows moves with it. */
  rowKey(index: number): string;
  /** CSS length, or the room that is left below it. */
  height?: number | string;
  rowHeight?: number;
  /** Pixels below which it scrolls sideways. Default 640. */
  minWidth?: number;
  /** The last row came into view: fetch more. */
  onEnd?: () => void;
  /** Rows are put before the first: what is looked at stays where it is, unless that is the top. */
  keepsPlace?: boolean;
  /** Enter on a row, or a double click. */
  onOpen?: (index: number) => void;
  /** Rows that are to be there now, those just out of view included. */
  onRange?: (first: number, last: number) => void;
  /** Another key on a row; true where it meant something. */
  onRowKey?: (index: number, event: KeyboardEvent<HTMLDivElement>) => boolean;
  /** The arrows moved to a row. */
  onFocusRow?: (index: number) => void;
  /** Marks a row. Missing: rows cannot be selected. */
  isSelected?: (index: number) => boolean;
  /** Names what is listed: somebody who comes back to it stands where they stood. */
  place?: string;
}

/** How far tables were scrolled, in pixels, by their place. The last ones alone: nobody goes back further. */
const places = new Map<string, number>();
const MAX_PLACES = 50;

/** A table of which only the rows in view exist. Rows have one height; arrows, Home, End and Page keys move through them. */
export function VirtualTable({
  label,
  count,
  columns,
  rowKey,
  height = 480,
  rowHeight = 40,
  minWidth = 640,
  onEnd,
  keepsPlace = false,
  onOpen,
  onRange,
  onRowKey,
  onFocusRow,
  isSelected,
  place,
}: VirtualTableProps) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    getItemKey: index => rowKey(index),
  });
  usePlace(frame, place, count > 0);
  const items = virtual.getVirtualItems();
  const first = items.at(0)?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => onRange?.(first, last), [first, last, onRange]);
  useEffect(() => {
    if (count > 0 && last >= count - 1) onEnd?.();
  }, [last, count, onEnd]);
  const top = useRef<string>(undefined);
  useLayoutEffect(() => {
    const before = top.current;
    top.current = count > 0 ? rowKey(0) : undefined;
    const { current } = frame;
    if (!keepsPlace || before === undefined || !current || current.scrollTop === 0) return;
    let added = 0;
    while (added < count && rowKey(added) !== before) added += 1;
    if (added < count) current.scrollTop += added * rowHeight;
  });
  const template = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };

  function move(event: KeyboardEvent<HTMLDivElement>): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    if (!row && event.target !== frame.current) return;
    // From the frame itself the first step leads to the row at its top.
    const index = row
      ? Number(row.dataset.index)
      : Math.ceil((frame.current?.scrollTop ?? 0) / rowHeight) - (event.key === 'ArrowDown' ? 1 : 0);
    if (row && event.key === 'Enter' && event.target === row) onOpen?.(index);
    if (row && event.target === row && onRowKey?.(index, event)) {
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 1);
    const target = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = Math.min(count - 1, Math.max(0, target));
    virtual.scrollToIndex(next);
    onFocusRow?.(next);
    const focus = () => {
      const found = frame.current?.querySelector<HTMLElement>(`[data-index="${next}"]`);
      found?.focus({ preventScroll: true });
      return found;
    };
    // A row that is there is focused at once, so that the next key, however soon, is its own.
    if (!focus()) requestAnimationFrame(focus);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that are placed one by one cannot be those of a table element
    <div role="table" aria-label={label} aria-rowcount={count + 1} className={classes.table}>
      <div
        role="presentation"
        className={classes.wide}
        style={{ '--least': `${minWidth}px` } as CSSProperties}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div role="row" aria-rowindex={1} tabIndex={-1} className={classes.head} style={template}>
          {columns.map(({ id, header, align = 'left' }) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div key={id} role="columnheader" tabIndex={-1} style={{ textAlign: align }}>
              {header}
            </div>
          ))}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div
          ref={frame}
          role="rowgroup"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
          tabIndex={0}
          className={classes.body}
          style={{ height }}
          onKeyDown={move}
        >
          <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {items.map(({ key, index, start }) => (
              // biome-ignore lint/a11y/useSemanticElements: as above
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                data-index={index}
                tabIndex={-1}
                aria-selected={isSelected?.(index)}
                onDoubleClick={onOpen && (() => onOpen(index))}
                className={classes.row}
                style={{ ...template, height: rowHeight, transform: `translateY(${start}px)` }}
              >
                {columns.map(({ id, cell, align = 'left' }) => (
                  // biome-ignore lint/a11y/useSemanticElements: as above
                  <div key={id} role="cell" className={classes.cell} style={{ textAlign: align }}>
                    {cell(index)}
                  </div>
                ))}
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Remembers how far a frame is scrolled, and scrolls there when it is shown again. */
function usePlace(frame: RefObject<HTMLDivElement | null>, place: string | undefined, filled: boolean): void {
  useLayoutEffect(() => {
    const { current } = frame;
    if (!current || place === undefined || !filled) return;
    const top = places.get(place);
    if (top !== undefined) current.scrollTop = top;
    const note = () => {
      places.delete(place);
      places.set(place, current.scrollTop);
      const [oldest] = places.keys();
      if (places.size > MAX_PLACES && oldest !== undefined) places.delete(oldest);
    };
    current.addEventListener('scroll', note, { passive: true });
    return () => current.removeEventListener('scroll', note);
  }, [frame, place, filled]);
}

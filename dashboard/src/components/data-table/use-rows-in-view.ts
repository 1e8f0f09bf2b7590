import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** The rows of a table that exist, and the room of those that do not. */
export interface RowsInView {
  indexes: readonly number[];
  /** Pixels of the rows before them, and behind. */
  before: number;
  after: number;
  /** Of a row as high as what it shows; undefined where all rows exist. */
  measure: ((row: Element | null) => void) | undefined;
  scrollTo(index: number): void;
  /** The row at the top. */
  top(): number;
  /** How many rows there is room for. */
  page(): number;
}

interface InView {
  frame: RefObject<HTMLElement | null>;
  count: number;
  /** A row's identity. */
  nameOf(index: number): string;
  /** Only those in view exist; otherwise all do. */
  isFramed: boolean;
  rowHeight?: number;
  keepsPlace?: boolean;
  place?: string;
  onRange?: (first: number, last: number) => void;
}

/** Of a row as high as what it shows, before it was measured. */
const ABOUT = 36;
/** The head stays above the rows, and takes its room of the frame. */
const HEAD = 38;

/** Which rows of a table exist. */
export function useRowsInView(table: InView): RowsInView {
  const { frame, count, nameOf, isFramed, rowHeight = ABOUT, place, onRange } = table;
  const virtual = useVirtualizer({
    count,
    enabled: isFramed,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingEnd: HEAD,
    getItemKey: nameOf,
  });
  usePlace(frame, place, count > 0);
  usePlaceBelow(table);
  const items = virtual.getVirtualItems();
  const indexes = isFramed ? items.map(({ index }) => index) : Array.from({ length: count }, (_, i) => i);
  const [first = 0, last = -1] = [indexes[0], indexes.at(-1)];
  useEffect(() => onRange?.(first, last), [first, last, onRange]);
  return {
    indexes,
    before: items[0]?.start ?? 0,
    after: isFramed ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0,
    measure: isFramed ? virtual.measureElement : undefined,
    scrollTo: index => isFramed && virtual.scrollToIndex(index),
    top: () => virtual.getVirtualItemForOffset(frame.current?.scrollTop ?? 0)?.index ?? 0,
    page: () => Math.max(1, Math.floor(((frame.current?.clientHeight ?? 0) - HEAD) / rowHeight) - 1),
  };
}

/** Keeps what is looked at where it is when rows are put before the first. */
function usePlaceBelow({ frame, count, nameOf, keepsPlace = false, rowHeight = ABOUT }: InView): void {
  const top = useRef<string>(undefined);
  useLayoutEffect(() => {
    const before = top.current;
    top.current = count > 0 ? nameOf(0) : undefined;
    const { current } = frame;
    if (!keepsPlace || before === undefined || !current || current.scrollTop === 0) return;
    let added = 0;
    while (added < count && nameOf(added) !== before) added += 1;
    if (added < count) current.scrollTop += added * rowHeight;
  });
}

/** How far tables were scrolled, in pixels, by their place. The last ones alone: nobody goes back further. */
const places = new Map<string, number>();
const MAX_PLACES = 50;

/** Remembers how far a frame is scrolled, and scrolls there when it is shown again. */
function usePlace(frame: RefObject<HTMLElement | null>, place: string | undefined, filled: boolean): void {
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

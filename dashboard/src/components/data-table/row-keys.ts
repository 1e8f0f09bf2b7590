import type { KeyboardEvent, RefObject } from 'react';
import type { Rows } from './column.ts';
import type { RowsInView } from './use-rows-in-view.ts';

/** What the keyboard does in rows. */
export interface RowKeys<Row> {
  /** Enter on a row, or a double click. */
  onOpen?: (row: Row) => void;
  /** Another key on a row; true where it meant something. */
  onRowKey?: (index: number, event: KeyboardEvent) => boolean;
  /** The arrows moved to a row. */
  onFocusRow?: (row: Row) => void;
}

interface Keyboard<Row> extends RowKeys<Row> {
  rows: Rows<Row>;
  frame: RefObject<HTMLElement | null>;
  view: RowsInView;
}

/** Arrows, Home, End and Page keys move from row to row. From the frame itself the first step leads to the row at its top. */
export function rowKeys<Row>({ rows, frame, view, onOpen, onRowKey, onFocusRow }: Keyboard<Row>) {
  return (event: KeyboardEvent<HTMLElement>): void => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>('tr[data-index]');
    if ((!row && target !== frame.current) || isFieldOfItsOwn(target)) return;
    const index = row ? Number(row.dataset.index) : view.top() - (event.key === 'ArrowDown' ? 1 : 0);
    const shown = rows.at(index);
    if (target === row && event.key === 'Enter' && shown) onOpen?.(shown);
    if (target === row && onRowKey?.(index, event)) {
      event.preventDefault();
      return;
    }
    const to = placeOf(event.key, { index, page: view.page(), count: rows.length });
    if (to === undefined) return;
    event.preventDefault();
    view.scrollTo(to);
    const next = rows.at(to);
    if (next) onFocusRow?.(next);
    const focus = () => {
      const found = frame.current?.querySelector<HTMLElement>(`tr[data-index="${to}"]`);
      const inside = onOpen ? undefined : found?.querySelector<HTMLElement>('a, button');
      (inside ?? found)?.focus({ preventScroll: onOpen !== undefined });
      return found;
    };
    // A row that is there is focused at once, so that the next key, however soon, is its own.
    if (!focus()) requestAnimationFrame(focus);
  };
}

/** Arrows have a meaning there. */
function isFieldOfItsOwn(target: HTMLElement): boolean {
  return target instanceof HTMLInputElement && target.type !== 'checkbox';
}

function placeOf(
  key: string,
  { index, page, count }: { index: number; page: number; count: number },
): number | undefined {
  const to = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to));
}

import type { ReactNode } from 'react';

/** One column. */
export interface Column<Row> {
  id: string;
  header: ReactNode;
  /** Computed again where the row, the columns or `isSelected` are others: what else it shows, such as the time, it gets from hooks. */
  cell(row: Row, isSelected: boolean): ReactNode;
  /** What it is sorted by; a column without cannot be. What is undefined comes last. */
  sortBy?: (row: Row) => string | number | undefined;
  align?: 'left' | 'right';
  /** CSS length. Columns without share what is left. */
  width?: number | string;
  /** The header is for screen readers alone. */
  quiet?: boolean;
}

/** Rows by their place: an array, or a listing of which some are not there yet. */
export interface Rows<Row> {
  readonly length: number;
  at(index: number): Row | undefined;
}

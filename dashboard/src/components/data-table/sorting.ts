import type { Column, Rows } from './column.ts';

/** By which column, and whether the largest comes first. */
export interface Sorting {
  id: string;
  desc: boolean;
}

/** The rows in the order of a column; those that are alike there stay in theirs, and those with nothing there come last. */
export function sortedBy<Row>(
  rows: Rows<Row>,
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): Rows<Row> {
  const sortBy = columns.find(({ id }) => id === sorting?.id)?.sortBy;
  if (!sortBy || !Array.isArray(rows)) return rows;
  const step = sorting?.desc ? -1 : 1;
  return (rows as Row[]).toSorted((a, b) => {
    const [one, other] = [sortBy(a), sortBy(b)];
    if (one === other) return 0;
    if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
    return one < other ? -step : step;
  });
}

import { Box, Button, Center, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import { plural } from '../lib/format.ts';
import classes from './data-table.module.css';

/** One column. */
export interface Column<Row> {
  id: string;
  header: string;
  cell(row: Row): ReactNode;
  /** What it is sorted by; a column without cannot be. What is undefined comes last. */
  sortBy?: (row: Row) => string | number | undefined;
  align?: 'left' | 'right';
  /** CSS length. */
  width?: number | string;
  /** The header is for screen readers alone. */
  quiet?: boolean;
}

/** What {@link DataTable} is given. */
export interface DataTableProps<Row> {
  /** What the table holds, for those who cannot see it. */
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowId(row: Row): string;
  sort?: { id: string; desc?: boolean };
  /** Rows shown before one asks for all. Default 300. */
  limit?: number;
}

/** By which column, and whether the largest comes first. */
interface Sorting {
  id: string;
  desc: boolean;
}

/**
 * A table that sorts by its headers. Arrow keys move from row to row, to the first link or button of each; Enter follows
 * it. For more rows than a few thousand there is `VirtualTable`.
 */
export function DataTable<Row>({ label, rows, columns, rowId, sort, limit = 300 }: DataTableProps<Row>) {
  const [sorting, setSorting] = useState<Sorting | undefined>(sort && { desc: false, ...sort });
  const [all, setAll] = useState(false);
  const sorted = useMemo(() => sortedBy(rows, columns, sorting), [rows, columns, sorting]);
  const shown = all ? sorted : sorted.slice(0, limit);
  return (
    <Box className={classes.frame}>
      <Table.ScrollContainer minWidth={720} type="native" tabIndex={0} role="region" aria-label={label}>
        <Table
          aria-label={label}
          verticalSpacing={2}
          highlightOnHover
          highlightOnHoverColor="var(--kv-hover)"
          onKeyDown={moveByArrows}
        >
          <Table.Thead>
            <Table.Tr>
              {columns.map(column => (
                <Heading key={column.id} column={column} sorting={sorting} onSort={setSorting} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(row => (
              <Table.Tr key={rowId(row)} data-row={rowId(row)}>
                {columns.map(column => (
                  <Table.Td key={column.id} ta={column.align ?? 'left'}>
                    {column.cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown.length < sorted.length && (
        <Center p="sm">
          <Button variant="default" size="compact-sm" onClick={() => setAll(true)}>
            Show {plural(sorted.length - shown.length, 'more row')}
          </Button>
        </Center>
      )}
    </Box>
  );
}

/** The rows in the order of a column; those that are alike there stay in theirs, and those with nothing there come last. */
function sortedBy<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const sortBy = columns.find(({ id }) => id === sorting?.id)?.sortBy;
  if (!sortBy) return rows;
  const step = sorting?.desc ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, other] = [sortBy(a), sortBy(b)];
    if (one === other) return 0;
    if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
    return one < other ? -step : step;
  });
}

interface HeadingProps<Row> {
  column: Column<Row>;
  sorting: Sorting | undefined;
  onSort(sorting: Sorting): void;
}

function Heading<Row>({
  column: { id, header, sortBy, align = 'left', width, quiet },
  sorting,
  onSort,
}: HeadingProps<Row>) {
  const active = sorting?.id === id ? sorting : undefined;
  const Icon = active ? (active.desc ? IconArrowDown : IconArrowUp) : IconArrowsSort;
  const order = active ? (active.desc ? 'descending' : 'ascending') : 'none';
  return (
    <Table.Th
      scope="col"
      ta={align}
      {...(width !== undefined && { w: width })}
      aria-sort={sortBy ? order : undefined}
    >
      {sortBy ? (
        <UnstyledButton
          className={classes.sort}
          data-active={active !== undefined || undefined}
          onClick={() => onSort({ id, desc: active ? !active.desc : false })}
        >
          {header}
          <Icon size={14} stroke={1.6} aria-hidden />
        </UnstyledButton>
      ) : (
        <span className={quiet ? classes.quiet : undefined}>{header}</span>
      )}
    </Table.Th>
  );
}

/** Up and down go to the row above and below. */
function moveByArrows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = (event.target as HTMLElement).closest('tbody tr');
  if (step === undefined || !row) return;
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const target = next?.querySelector<HTMLElement>('a, button');
  if (!target) return;
  event.preventDefault();
  target.focus();
}

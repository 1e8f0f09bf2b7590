import { Box, Button, Center, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { ColumnDef, SortingState } from '@tanstack/react-table';
import {
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
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

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
});

/**
 * A table that sorts by its headers. Arrow keys move from row to row, to the first link or button of each; Enter follows
 * it. For more rows than a few thousand there is `VirtualTable`.
 */
export function DataTable<Row>({ label, rows, columns, rowId, sort, limit = 300 }: DataTableProps<Row>) {
  const [sorting, setSorting] = useState<SortingState>(
    sort ? [{ id: sort.id, desc: sort.desc ?? false }] : [],
  );
  const [all, setAll] = useState(false);
  const defs = useMemo(() => columns.map(column => toDefinition(column)), [columns]);
  const table = useTable({
    features,
    columns: defs,
    data: rows as Row[],
    getRowId: rowId,
    state: { sorting },
    onSortingChange: setSorting,
    enableSortingRemoval: false,
  } as never) as unknown as SortableTable<Row>;
  const sorted = table.getRowModel().rows;
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
                <Heading key={column.id} column={column} sorting={sorting[0]} onSort={setSorting} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ id, original }) => (
              <Table.Tr key={id} data-row={id}>
                {columns.map(column => (
                  <Table.Td key={column.id} ta={column.align ?? 'left'}>
                    {column.cell(original)}
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

/** What we use of TanStack's table. */
interface SortableTable<Row> {
  getRowModel(): { rows: { id: string; original: Row }[] };
}

function toDefinition<Row>({ id, sortBy }: Column<Row>): ColumnDef<typeof features, object> {
  return {
    id,
    accessorFn: (row: object) => sortBy?.(row as Row),
    enableSorting: sortBy !== undefined,
    sortFn: 'basic',
    sortUndefined: 'last',
  } as ColumnDef<typeof features, object>;
}

interface HeadingProps<Row> {
  column: Column<Row>;
  sorting: SortingState[number] | undefined;
  onSort(sorting: SortingState): void;
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
          onClick={() => onSort([{ id, desc: active ? !active.desc : false }])}
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

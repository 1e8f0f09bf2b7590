import { Box, Table } from '@mantine/core';
import { type MouseEvent, useMemo, useRef, useState } from 'react';
import type { Column, Rows } from './data-table/column.ts';
import classes from './data-table/data-table.module.css';
import { Heading } from './data-table/heading.tsx';
import { TableRow } from './data-table/row.tsx';
import { type RowKeys, rowKeys } from './data-table/row-keys.ts';
import { type Sorting, sortedBy } from './data-table/sorting.ts';
import { useRowsInView } from './data-table/use-rows-in-view.ts';

/** What {@link DataTable} is given. */
export interface DataTableProps<Row> extends RowKeys<Row> {
  /** What the table holds, for those who cannot see it. */
  label: string;
  /** A listing has its own order: only an array is sorted here. */
  rows: Rows<Row>;
  /** Kept from one time to the next, they keep rows that are the same from being computed again. */
  columns: readonly Column<Row>[];
  /** A row's identity, so that what it shows moves with it. */
  rowId(row: Row): string;
  sort?: { id: string; desc?: boolean };
  /** Marks a row. Missing: rows cannot be selected. */
  isSelected?: (row: Row) => boolean;
  /** CSS length of the frame, for a table that scrolls by itself. One of many rows does in any case. */
  height?: number | string;
  /** Pixels above which a short table scrolls. */
  maxHeight?: number;
  /** Every row has it, in pixels, and its cells are cut at it. Default: as high as what it shows. */
  rowHeight?: number;
  /** Pixels below which it scrolls sideways. Default 720. */
  minWidth?: number;
  /** Rows are put before the first: what is looked at stays where it is, unless that is the top. */
  keepsPlace?: boolean;
  /** Names what is listed: somebody who comes back to it stands where they stood. */
  place?: string;
  /** Rows that are to be there now, those just out of view included. */
  onRange?: (first: number, last: number) => void;
}

/** From so many rows on only those in view exist. */
const MANY = 300;
const FRAME = 'max(320px, calc(100dvh - 310px))';

/**
 * The table of every page. It sorts by its headers; the arrows, Home, End and the Page keys move from row to row, to the first link
 * or button of each, or to the row itself where rows are opened.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    rows,
    columns,
    rowId,
    sort,
    isSelected,
    rowHeight,
    minWidth = 720,
    maxHeight,
    onOpen,
  } = props;
  const { height = rows.length > MANY ? FRAME : undefined } = props;
  const [sorting, setSorting] = useState<Sorting | undefined>(sort && { desc: false, ...sort });
  const sorted = useMemo(() => sortedBy(rows, columns, sorting), [rows, columns, sorting]);
  const frame = useRef<HTMLDivElement>(null);
  const isFramed = height !== undefined;
  const nameOf = (index: number) => {
    const row = sorted.at(index);
    return row ? rowId(row) : `row ${index}`;
  };
  const isSorted = Array.isArray(rows);
  const view = useRowsInView({ ...props, frame, count: sorted.length, nameOf, isFramed });
  const open = ({ target }: MouseEvent) => {
    const pressed = (target as Element).closest<HTMLElement>('tr[data-index]');
    const row = pressed && sorted.at(Number(pressed.dataset.index));
    if (row) onOpen?.(row);
  };
  return (
    <Box
      ref={frame}
      role="region"
      aria-label={label}
      tabIndex={0}
      className={classes.frame}
      data-rows={rowHeight === undefined ? 'free' : 'lines'}
      style={isFramed || maxHeight ? { height, maxHeight, overflow: 'auto' } : undefined}
      onDoubleClick={open}
      onKeyDown={rowKeys({ ...props, rows: sorted, frame, view })}
    >
      <Table
        aria-label={label}
        aria-rowcount={isFramed ? sorted.length + 1 : undefined}
        miw={minWidth}
        verticalSpacing={rowHeight === undefined ? 2 : 0}
        layout={isFramed ? 'fixed' : 'auto'}
        highlightOnHover
        highlightOnHoverColor="var(--kv-hover)"
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map(column => (
              <Heading key={column.id} {...{ column, sorting, isSorted }} onSort={setSorting} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Spacer height={view.before} columns={columns.length} />
          {view.indexes.map(index => {
            const row = sorted.at(index);
            return (
              <TableRow
                key={nameOf(index)}
                {...{ row, index, columns, isFramed }}
                isSelected={row && isSelected?.(row)}
                height={rowHeight}
                measure={rowHeight === undefined ? view.measure : undefined}
              />
            );
          })}
          <Spacer height={view.after} columns={columns.length} />
        </Table.Tbody>
      </Table>
    </Box>
  );
}

/** Stands for rows that are out of view. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}

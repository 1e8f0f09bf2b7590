import { Skeleton, Table } from '@mantine/core';
import { memo } from 'react';
import type { Column } from './column.ts';

/** What {@link TableRow} is given. */
export interface TableRowProps<Row> {
  /** Undefined: it is still asked for. */
  row: Row | undefined;
  index: number;
  columns: readonly Column<Row>[];
  isSelected: boolean | undefined;
  /** Only rows in view exist: each says which of all it is. */
  isFramed: boolean;
  /** In pixels. Default: as high as what it shows. */
  height: number | undefined;
  measure: ((row: Element | null) => void) | undefined;
}

/** One row. Where it is as it was, nothing of it is computed again. */
export const TableRow = memo(function TableRow<Row>(props: TableRowProps<Row>) {
  const { row, index, columns, isSelected, isFramed, height, measure } = props;
  const main = columns.find(({ width }) => width === undefined);
  return (
    <Table.Tr
      ref={measure}
      data-index={index}
      aria-rowindex={isFramed ? index + 2 : undefined}
      tabIndex={-1}
      aria-selected={isSelected}
      h={height}
    >
      {row ? (
        <Cells {...{ row, columns }} isSelected={isSelected ?? false} />
      ) : (
        columns.map(column => (
          <Table.Td key={column.id}>{column === main && <Waiting index={index} />}</Table.Td>
        ))
      )}
    </Table.Tr>
  );
}) as <Row>(props: TableRowProps<Row>) => React.JSX.Element;

interface CellsProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  isSelected: boolean;
}

/** Apart from the row, for they are what they were where others were put before it. */
const Cells = memo(function Cells<Row>({ row, columns, isSelected }: CellsProps<Row>) {
  return columns.map(({ id, align = 'left', cell }) => (
    <Table.Td key={id} ta={align}>
      {cell(row, isSelected)}
    </Table.Td>
  ));
}) as <Row>(props: CellsProps<Row>) => React.JSX.Element;

/** In a row that is still asked for. */
function Waiting({ index }: { index: number }) {
  return <Skeleton role="img" h={10} w={`${30 + ((index * 37) % 40)}%`} aria-label="Loading" />;
}

import { Table, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { Column } from './column.ts';
import classes from './data-table.module.css';
import type { Sorting } from './sorting.ts';

/** What {@link Heading} is given. */
export interface HeadingProps<Row> {
  column: Column<Row>;
  sorting: Sorting | undefined;
  /** The table can be sorted. */
  isSorted: boolean;
  onSort(sorting: Sorting): void;
}

/** The head of a column, by which the table is sorted. */
export function Heading<Row>({ column, sorting, isSorted, onSort }: HeadingProps<Row>) {
  const { id, header, align = 'left', width, quiet } = column;
  const sortBy = isSorted ? column.sortBy : undefined;
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
      ) : quiet ? (
        <VisuallyHidden component="span">{header}</VisuallyHidden>
      ) : (
        <span>{header}</span>
      )}
    </Table.Th>
  );
}

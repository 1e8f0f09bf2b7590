import { Countdown, When } from './amounts.tsx';
import type { Column } from './data-table.tsx';

/** What a column of times is called, and where its time is. */
export interface TimeColumn<Row> {
  id: string;
  header: string;
  /** RFC 3339; undefined: there is none. */
  time(row: Row): string | undefined;
}

/** When something was. */
export function whenColumn<Row>({ time, ...column }: TimeColumn<Row>): Column<Row> {
  return { ...column, width: 120, sortBy: time, cell: row => <When at={time(row) ?? ''} fz="sm" /> };
}

/** How much time something has left; `none` stands where it has no end. */
export function leftColumn<Row>({ time, none, ...column }: TimeColumn<Row> & { none: string }): Column<Row> {
  return {
    ...column,
    align: 'right',
    width: 130,
    sortBy: time,
    cell: row => {
      const until = time(row);
      return until === undefined ? none : <Countdown until={until} fz="sm" />;
    },
  };
}

/** The last column of what recognition keeps. */
export function keptColumn<Row extends { expires_at?: string }>(): Column<Row> {
  return leftColumn({ id: 'left', header: 'Time left', time: row => row.expires_at, none: 'no end' });
}

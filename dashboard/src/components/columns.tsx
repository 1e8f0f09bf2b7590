import { formatCount } from '../lib/format.ts';
import { Bytes, Countdown, When } from './amounts.tsx';
import type { Column } from './data-table/column.ts';
import { KeyLink } from './key-link.tsx';
import { Mono } from './mono.tsx';

/** What a column shows of a row; undefined: nothing. */
type Of<Row, Shown> = (row: Row) => Shown | undefined;

/** Short text, sorted by it. */
export function textColumn<Row>(id: string, header: string, of: Of<Row, string>): Column<Row> {
  return { id, header, sortBy: of, cell: row => <Mono fz="sm">{of(row) ?? ''}</Mono> };
}

/** A number. */
export function countColumn<Row>(id: string, header: string, of: Of<Row, number>): Column<Row> {
  const cell = (row: Row) => {
    const count = of(row);
    return <span className="num">{count === undefined ? '' : formatCount(count)}</span>;
  };
  return { id, header, align: 'right', sortBy: of, cell };
}

/** Bytes. */
export function bytesColumn<Row>(id: string, header: string, of: Of<Row, number>): Column<Row> {
  const cell = (row: Row) => {
    const bytes = of(row);
    return bytes === undefined ? '' : <Bytes bytes={bytes} />;
  };
  return { id, header, align: 'right', sortBy: of, cell };
}

/** Keys of a bucket, each leading to its page, or to a tab of it. */
export function keyColumn<Row extends { key: string }>(bucket: string, tab?: string): Column<Row> {
  return {
    id: 'key',
    header: 'Key',
    sortBy: ({ key }) => key,
    cell: ({ key }) => <KeyLink bucket={bucket} name={key} {...(tab !== undefined && { tab })} />,
  };
}

/** When something was. `time` answers RFC 3339. */
export function whenColumn<Row>(id: string, header: string, time: Of<Row, string>): Column<Row> {
  return { id, header, width: 120, sortBy: time, cell: row => <When at={time(row)} /> };
}

/** How much time something has left; `none` stands where it has no end. */
export function leftColumn<Row extends { expires_at?: string }>(header: string, none: string): Column<Row> {
  return {
    id: 'left',
    header,
    align: 'right',
    width: 130,
    sortBy: ({ expires_at }) => expires_at,
    cell: ({ expires_at: until }) => (until === undefined ? none : <Countdown until={until} />),
  };
}

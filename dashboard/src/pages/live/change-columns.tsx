import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { Mono } from '../../components/mono.tsx';
import type { VirtualColumn } from '../../components/virtual-table.tsx';
import { formatCount } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import type { Row } from './feed.ts';
import classes from './live.module.css';
import { OperationBadge } from './operation.tsx';

const PREVIEW = 300;

/** What the columns need to know. */
export interface ColumnsContext {
  bucket: string;
  rows: readonly Row[];
  /** Revision whose value is shown beside the list. */
  open: number | undefined;
  onOpen(row: Row): void;
}

/** Columns of the list of changes. */
export function changeColumns({ bucket, rows, open, onOpen }: ColumnsContext): VirtualColumn[] {
  const cell = (show: (row: Row) => ReactNode) => (index: number) => {
    const row = rows[index];
    return row && show(row);
  };
  return [
    { id: 'time', header: 'Time', width: '104px', cell: cell(row => <Clock at={row.created_at} />) },
    {
      id: 'operation',
      header: 'Operation',
      width: '96px',
      cell: cell(({ operation }) => <OperationBadge operation={operation} />),
    },
    {
      id: 'key',
      header: 'Key',
      width: 'minmax(110px, 1fr)',
      cell: cell(({ key }) => (
        <Link to={pathTo('buckets', bucket, 'keys', key)} size="sm" title={key}>
          <Mono>{key}</Mono>
        </Link>
      )),
    },
    {
      id: 'revision',
      header: 'Revision',
      width: '92px',
      align: 'right',
      cell: cell(({ key, revision, operation }) =>
        operation === 'put' ? (
          <Link
            to={withQuery(pathTo('buckets', bucket, 'keys', key), { revision })}
            size="sm"
            aria-label={`Revision ${revision} of ${key}`}
          >
            <span className="num">{formatCount(revision)}</span>
          </Link>
        ) : (
          <span className="num">{formatCount(revision)}</span>
        ),
      ),
    },
    {
      id: 'value',
      header: 'Value',
      width: 'minmax(120px, 2fr)',
      cell: cell(row => (
        <UnstyledButton
          className={classes.preview}
          aria-expanded={open === row.revision}
          onClick={() => onOpen(row)}
        >
          <span className={classes.quiet}>
            Details of revision {row.revision} of {row.key}:{' '}
          </span>
          {previewOf(row)}
        </UnstyledButton>
      )),
    },
    ...(open === undefined ? [copyColumn(cell)] : []),
  ];
}

function copyColumn(cell: (show: (row: Row) => ReactNode) => (index: number) => ReactNode): VirtualColumn {
  return {
    id: 'copy',
    header: <span className={classes.quiet}>Copy</span>,
    width: '28px',
    cell: cell(({ key, value }) =>
      value === undefined ? null : <CopyButton text={value} label={`Copy the value of ${key}`} size="xs" />,
    ),
  };
}

/** The first of a value in one line. */
function previewOf({ value, encoding, forgotten, expires_at }: Row) {
  if (value === undefined) return <span className={classes.none}>{forgotten ? 'not kept' : '—'}</span>;
  const text = value.length > PREVIEW ? `${value.slice(0, PREVIEW)}…` : value;
  return (
    <>
      {encoding && <span className={classes.mark}>base64 </span>}
      {expires_at !== undefined && <span className={classes.mark}>expires </span>}
      <span className="mono">{text === '' ? <span className={classes.none}>empty</span> : text}</span>
    </>
  );
}

/** Local time to the millisecond, as changes come many to a second. */
function Clock({ at }: { at: string }) {
  const time = new Date(at);
  const two = (amount: number) => String(amount).padStart(2, '0');
  const text = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return (
    <time dateTime={at} title={time.toLocaleString()} className="num mono">
      {text}
      <span className={classes.mark}>.{String(time.getMilliseconds()).padStart(3, '0')}</span>
    </time>
  );
}

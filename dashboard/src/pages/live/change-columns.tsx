import { UnstyledButton, VisuallyHidden } from '@mantine/core';
import { CopyButton } from '../../components/copy-button.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { Mono } from '../../components/mono.tsx';
import { formatCount } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import { changedLine } from './changed-line.ts';
import type { Row } from './feed.ts';
import type { Folded } from './fold.ts';
import classes from './live.module.css';
import { OperationBadge } from './operation.tsx';

const PREVIEW = 300;

/** What the columns need to know. */
export interface ColumnsContext {
  /** Changes of several buckets are shown: each names its own. */
  many: boolean;
  /** One is shown beside the list: the one that is selected. */
  isOpen: boolean;
  /** Opens or, where it is open, closes it. */
  onOpen(row: Row): void;
}

/** What tells a change from all others. */
export function rowId({ bucket, revision }: Row): string {
  return `${bucket}/${revision}`;
}

/** Columns of the list of changes. */
export function changeColumns({ many, isOpen, onOpen }: ColumnsContext): Column<Row | Folded>[] {
  return [
    { id: 'time', header: 'Time', width: 116, cell: row => <Clock at={row.created_at} /> },
    {
      id: 'operation',
      header: 'Operation',
      width: 106,
      cell: ({ operation }) => <OperationBadge operation={operation} />,
    },
    ...(many ? [BUCKET] : []),
    {
      id: 'key',
      header: 'Key',
      width: '28%',
      cell: ({ bucket, key }) => (
        <Link to={pathTo('buckets', bucket, 'keys', key)} size="sm" title={visibleText(key)}>
          <Mono>{key}</Mono>
        </Link>
      ),
    },
    { id: 'revision', header: 'Revision', width: 104, align: 'right', cell: row => <Revision row={row} /> },
    {
      id: 'value',
      header: 'Value',
      cell: (row, isSelected) => (
        <UnstyledButton className={classes.preview} aria-expanded={isSelected} onClick={() => onOpen(row)}>
          <VisuallyHidden component="span">
            Details of revision {row.revision} of {visibleText(row.key)}:{' '}
          </VisuallyHidden>
          {previewOf(row)}
        </UnstyledButton>
      ),
    },
    ...(isOpen ? [] : [COPY]),
  ];
}

const BUCKET: Column<Row> = {
  id: 'bucket',
  header: 'Bucket',
  width: '14%',
  cell: ({ bucket }) => (
    <Link to={pathTo('buckets', bucket)} size="sm" title={bucket} c="inherit">
      {bucket}
    </Link>
  ),
};

const COPY: Column<Row> = {
  id: 'copy',
  header: 'Copy',
  quiet: true,
  width: 40,
  cell: ({ key, value }) =>
    value !== undefined && (
      <CopyButton text={value} label={`Copy the value of ${visibleText(key)}`} size="xs" />
    ),
};

function Revision({ row: { bucket, key, revision, operation } }: { row: Row }) {
  const number = <span className="num">{formatCount(revision)}</span>;
  if (operation !== 'put') return number;
  return (
    <Link
      to={withQuery(pathTo('buckets', bucket, 'keys', key), { revision })}
      size="sm"
      aria-label={`Revision ${revision} of ${visibleText(key)}`}
    >
      {number}
    </Link>
  );
}

/** The first of a value in one line; of a folded row how often it changed, and what is not as it was. */
function previewOf(row: Row | Folded) {
  if (!('times' in row) || row.times === 1) return rowValue(row);
  const line = row.encoding ? undefined : changedLine(row.before?.value, row.value);
  return (
    <>
      <span className={classes.mark}>×{formatCount(row.times)} </span>
      {line === undefined ? rowValue(row) : <span className="mono">{visibleText(line)}</span>}
    </>
  );
}

function rowValue({ value, encoding, forgotten, expires_at }: Row) {
  if (value === undefined) return <span className={classes.none}>{forgotten ? 'not kept' : '—'}</span>;
  const text = value.length > PREVIEW ? `${value.slice(0, PREVIEW)}…` : value;
  return (
    <>
      {encoding && <span className={classes.mark}>base64 </span>}
      {expires_at !== undefined && <span className={classes.mark}>expires </span>}
      <span className="mono">
        {text === '' ? <span className={classes.none}>empty</span> : visibleText(text)}
      </span>
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

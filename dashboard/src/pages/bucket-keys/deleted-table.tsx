import { Skeleton, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { BucketInfo, ListItem } from '../../../../contract/types.gen.ts';
import { StoredName } from '../../components/stored-name.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { formatCount } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { OperationBadge } from '../live/operation.tsx';
import { Ago } from './ago.tsx';
import type { KeyPages, PagesState } from './key-pages.ts';
import { RestoreKey } from './restore-key.tsx';

/** What {@link DeletedTable} is given. */
export interface DeletedTableProps {
  info: BucketInfo;
  pages: KeyPages;
  state: PagesState;
  blocked: string | undefined;
  /** Address of a key's history. */
  addressOf(key: string): string;
}

/** Keys that are not there any more: what ended each, when, and a way back where its history holds a value. */
export function DeletedTable({ info, pages, state, blocked, addressOf }: DeletedTableProps) {
  const cell = (content: (item: ListItem) => React.ReactNode) => (index: number) => {
    const item = pages.row(index);
    return item ? content(item) : null;
  };
  const columns = [
    {
      id: 'key',
      header: 'Key',
      width: 'minmax(220px, 1fr)',
      cell: (index: number) => {
        const item = pages.row(index);
        if (!item)
          return <Skeleton role="img" h={10} w={`${30 + ((index * 37) % 40)}%`} aria-label="Loading" />;
        return (
          <Link
            to={addressOf(item.key)}
            className="mono"
            title={`History of ${visibleText(item.key)}`}
            c="inherit"
          >
            <StoredName name={item.key} />
          </Link>
        );
      },
    },
    {
      id: 'operation',
      header: 'What',
      width: '110px',
      cell: cell(({ operation }) => operation && <OperationBadge operation={operation} />),
    },
    {
      id: 'revision',
      header: 'Revision',
      width: '110px',
      align: 'right' as const,
      cell: cell(({ sequence }) => <span className="num">{formatCount(sequence)}</span>),
    },
    {
      id: 'ended',
      header: 'When',
      width: '110px',
      align: 'right' as const,
      cell: cell(({ created_at }) => (
        <span className="num">
          <Ago at={created_at} />
        </span>
      )),
    },
    {
      id: 'restore',
      header: 'Actions',
      width: '170px',
      align: 'right' as const,
      cell: cell(({ key, operation }) =>
        operation === 'delete' && info.history > 1 ? (
          <RestoreKey bucket={info.bucket} keyName={key} blocked={blocked} onDone={pages.refresh} />
        ) : (
          <Text size="xs" c="dimmed">
            no value is kept
          </Text>
        ),
      ),
    },
  ];
  const show = useMemo(() => (first: number, end: number) => pages.show(first, end), [pages]);
  return (
    <VirtualTable
      label="Deleted keys"
      count={state.count + (state.more ? 1 : 0)}
      columns={columns}
      rowKey={index => String(pages.row(index)?.sequence ?? `row ${index}`)}
      height="max(240px, calc(100dvh - 262px))"
      rowHeight={34}
      onRange={show}
      onOpen={index => {
        const item = pages.row(index);
        if (item) navigate(addressOf(item.key));
      }}
    />
  );
}

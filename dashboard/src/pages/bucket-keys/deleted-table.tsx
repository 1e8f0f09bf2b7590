import { useMemo } from 'react';
import type { BucketInfo, ListItem } from '../../../../contract/types.gen.ts';
import { countColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Muted } from '../../components/muted.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { OperationBadge } from '../live/operation.tsx';
import { Ago } from './ago.tsx';
import { type KeyPages, type PagesState, rowsOf } from './key-pages.ts';
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
  const { bucket, history } = info;
  const columns = useMemo(
    () => columnsOf({ bucket, history, blocked, addressOf, onRestored: pages.refresh }),
    [bucket, history, blocked, addressOf, pages],
  );
  return (
    <DataTable
      label="Deleted keys"
      rows={rowsOf(pages, state)}
      columns={columns}
      rowId={({ sequence }) => String(sequence)}
      height="max(240px, calc(100dvh - 262px))"
      rowHeight={34}
      minWidth={640}
      onRange={pages.show}
      onOpen={({ key }) => navigate(addressOf(key))}
    />
  );
}

interface Context
  extends Pick<DeletedTableProps, 'blocked' | 'addressOf'>,
    Pick<BucketInfo, 'bucket' | 'history'> {
  onRestored(): void;
}

function columnsOf({ bucket, history, blocked, addressOf, onRestored }: Context): Column<ListItem>[] {
  return [
    {
      id: 'key',
      header: 'Key',
      cell: ({ key }) => (
        <Link to={addressOf(key)} className="mono" title={`History of ${visibleText(key)}`} c="inherit">
          <StoredName name={key} />
        </Link>
      ),
    },
    {
      id: 'operation',
      header: 'What',
      width: 110,
      cell: ({ operation }) => operation && <OperationBadge operation={operation} />,
    },
    { ...countColumn('revision', 'Revision', ({ sequence }) => sequence), width: 110 },
    {
      id: 'ended',
      header: 'When',
      width: 110,
      align: 'right',
      cell: ({ created_at }) => <Ago at={created_at} />,
    },
    {
      id: 'restore',
      header: 'Actions',
      width: 170,
      align: 'right',
      cell: ({ key, operation }) =>
        operation === 'delete' && history > 1 ? (
          <RestoreKey bucket={bucket} keyName={key} blocked={blocked} onDone={onRestored} />
        ) : (
          <Muted size="xs">no value is kept</Muted>
        ),
    },
  ];
}

import { Group, Select, Skeleton, Text } from '@mantine/core';
import { IconPlus, IconRefresh } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { usePermission } from '../../api/access.ts';
import { codeOf } from '../../api/api-error.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { BucketHeader } from '../../components/bucket-header.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { Muted } from '../../components/muted.tsx';
import { Segments } from '../../components/segments.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { rangeText } from '../../lib/key-range.ts';
import { pathTo, useQueryState, withQuery } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { BucketNotice, whyReadOnly } from './bucket-notice.tsx';
import { DeleteSelected } from './delete-selected.tsx';
import { DeletedTable } from './deleted-table.tsx';
import { NoBucket, NoDeleted, NoKeys, NoMatch, Waiting } from './empty-states.tsx';
import { FavouriteButton } from './favourite-button.tsx';
import type { PagesState } from './key-pages.ts';
import { BesideSwitch, KeysAndOne } from './keys-and-one.tsx';
import { KeysTable } from './keys-table.tsx';
import { KeysTree } from './keys-tree.tsx';
import { MoreMenu } from './more-menu.tsx';
import { NewKey } from './new-key.tsx';
import { PurgeByPattern } from './purge-by-pattern.tsx';
import { useSelection } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { ORDERS, type Order } from './sorted-keys.ts';
import { useFilter } from './use-filter.ts';
import { useKeyPages } from './use-key-pages.ts';
import { useTree } from './use-tree.ts';

const REFRESH_MS = 5_000;
const DELIMITERS = ['.', '/', '_', '-', ':', '='];

type Dialog = 'new' | 'purge' | 'delete';

/** What a bucket holds, as a list or as a tree. */
export default function KeysPage({ params: { bucket = '' } }: PageProps) {
  const [query, changeQuery] = useQueryState();
  const filter = useFilter();
  const [dialog, setDialog] = useState<Dialog>();
  const selection = useSelection();
  const asked = query.get('view');
  const view = asked === 'tree' || asked === 'deleted' ? asked : 'list';
  const isTree = view === 'tree';
  const isDeleted = view === 'deleted';
  const delimiter = query.get('delimiter') ?? '.';
  const info = useInvoke('kv-bucket-info', { bucket }, { everyMs: REFRESH_MS });
  const sort = query.get('sort') ?? '';
  const order = view === 'list' && Object.hasOwn(ORDERS, sort) ? (sort as Order) : undefined;
  const listing = useKeyPages(bucket, filter, { deleted: isDeleted, order });
  const levels = useTree(bucket, filter.pattern, delimiter);
  const blocked = whyReadOnly(info.data);
  const [seenSeq, setSeenSeq] = useState<number>();
  const lastSeq = info.data?.last_seq;
  const { ready, count, more, error } = listing.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the bucket stood at when it was listed
  useEffect(() => setSeenSeq(lastSeq), [ready, filter.text]);
  if (seenSeq === undefined && lastSeq !== undefined) setSeenSeq(lastSeq);

  function refresh(): void {
    setSeenSeq(lastSeq);
    void info.refetch().then(({ data }) => setSeenSeq(data?.last_seq));
    if (isTree) levels.refresh();
    else listing.pages.refresh();
  }

  const writable = usePermission('kv-key-put', bucket).allowed && !blocked;
  useKeys({
    n: () => writable && setDialog('new'),
    r: refresh,
    t: () => changeQuery({ view: isTree ? undefined : 'tree' }),
    d: () => changeQuery({ view: isDeleted ? undefined : 'deleted' }),
  });

  const addressOf = useCallback(
    (key: string) => withQuery(pathTo('buckets', bucket, 'keys', key), { filter: filter.text || undefined }),
    [bucket, filter.text],
  );
  const historyOf = useCallback(
    (key: string) => withQuery(pathTo('buckets', bucket, 'keys', key), { tab: 'history' }),
    [bucket],
  );
  const newKey = (
    <Guarded
      calls="kv-key-put"
      bucket={bucket}
      blocked={blocked}
      icon={IconPlus}
      onClick={() => setDialog('new')}
    >
      New key
    </Guarded>
  );
  if (codeOf(info.error) === 'BUCKET_NOT_FOUND') return <NoBucket bucket={bucket} error={info.error} />;
  const nothing = !isTree && ready && !error && count === 0 && !more;
  return (
    <>
      <BucketHeader
        bucket={bucket}
        open="keys"
        subtitle={info.data ? summary(info.data) : <Skeleton h={12} w={260} mt={6} />}
        search={{
          label: 'Filter keys',
          placeholder: 'Part of a name, user.*, /re/, size>10k',
          value: filter.text,
          onChange: filter.change,
          onEnter: focusKeys,
          width: 280,
        }}
        actions={
          <>
            {newKey}
            <MoreMenu
              bucket={bucket}
              filter={filter.text}
              blocked={blocked}
              onPurge={() => setDialog('purge')}
            />
          </>
        }
      />
      {info.data && <BucketNotice info={info.data} />}
      <Group justify="space-between" mb="xs" gap="xs" mih={32}>
        <Group gap="xs">
          <Segments
            label="Show keys as"
            value={view}
            onChange={next => changeQuery({ view: next === 'list' ? undefined : next })}
            of={{ list: 'List', tree: 'Tree', deleted: 'Deleted' }}
          />
          {isTree && (
            <Select
              size="xs"
              w={76}
              aria-label="Delimiter"
              data={DELIMITERS}
              value={delimiter}
              allowDeselect={false}
              onChange={chosen =>
                changeQuery({ delimiter: chosen === '.' ? undefined : (chosen ?? undefined) })
              }
            />
          )}
          {view === 'list' && selection.keys.size > 0 && (
            <SelectionBar
              bucket={bucket}
              selection={selection}
              blocked={blocked}
              onDelete={() => setDialog('delete')}
            />
          )}
        </Group>
        <Group gap="xs">
          <Muted size="xs" className="num wrap" role="status">
            {!isTree &&
              ready &&
              !nothing &&
              (count > 0 || error === undefined) &&
              progressOf(
                listing.state,
                order ? ORDERS[order].toLowerCase() : `oldest ${isDeleted ? '' : 'write '}first`,
              )}
            {lastSeq !== undefined && seenSeq !== undefined && lastSeq > seenSeq && (
              <> · {plural(lastSeq - seenSeq, 'write')} since</>
            )}
          </Muted>
          {view === 'list' && (
            <Select
              size="xs"
              w={150}
              aria-label="Order"
              value={order ?? ''}
              allowDeselect={false}
              data={[
                { value: '', label: 'Oldest first' },
                ...Object.entries(ORDERS).map(([value, label]) => ({ value, label })),
              ]}
              onChange={chosen => changeQuery({ sort: chosen ?? undefined })}
            />
          )}
          <FavouriteButton />
          {view === 'list' && <BesideSwitch first={listing.pages.row(0)?.key} />}
          <IconButton icon={IconRefresh} label="Refresh the keys" onClick={refresh} />
        </Group>
      </Group>
      {!isTree && error !== undefined && (
        <ErrorNotice error={error} title="The keys cannot be listed" onRetry={listing.pages.retry} mb="sm" />
      )}
      {nothing && isDeleted && <NoDeleted filtered={filter.text !== ''} />}
      {nothing &&
        !isDeleted &&
        (filter.text === '' ? (
          <NoKeys create={newKey} />
        ) : (
          <NoMatch filter={filter} unjudged={listing.state.unjudged} />
        ))}
      {!isTree && (!ready || (count === 0 && more && error === undefined)) && <Waiting />}
      {isDeleted && info.data && count > 0 && (
        <DeletedTable
          info={info.data}
          pages={listing.pages}
          state={listing.state}
          blocked={blocked}
          addressOf={historyOf}
        />
      )}
      {view === 'list' && ready && !nothing && count > 0 && (
        <KeysAndOne bucket={bucket}>
          {beside => (
            <KeysTable
              pages={listing.pages}
              state={listing.state}
              selection={selection}
              addressOf={addressOf}
              {...beside}
            />
          )}
        </KeysAndOne>
      )}
      {isTree && (
        <KeysTree
          levels={levels}
          addressOf={addressOf}
          onList={
            delimiter === '.' ? prefix => changeQuery({ view: undefined, filter: `${prefix}>` }) : undefined
          }
        />
      )}
      {dialog === 'new' && info.data && <NewKey info={info.data} onClose={() => setDialog(undefined)} />}
      {dialog === 'purge' && (
        <PurgeByPattern
          bucket={bucket}
          filter={rangeText(filter.text)}
          onDone={refresh}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'delete' && (
        <DeleteSelected
          bucket={bucket}
          keys={selection.keys}
          onDone={gone => {
            selection.drop(gone);
            refresh();
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}

function summary({ values, bytes, history, ttl, storage, key_encoding, description }: BucketInfo) {
  const parts = [
    plural(values, 'key'),
    formatBytes(bytes),
    history > 1 ? `history ${history}` : 'no history',
    ttl > 0 ? `ttl ${durationWords(ttl)}` : 'no ttl',
    storage,
    ...(key_encoding === 'none' ? [] : [`${key_encoding} keys`]),
  ];
  return (
    <>
      {description !== '' && <Text size="sm">{description}</Text>}
      <span className="num wrap">{parts.join(' · ')}</span>
    </>
  );
}

/** How many there are so far, in which order, and how many were looked at to find them. */
function progressOf({ count, more, scanned, unjudged, reading, cut }: PagesState, order: string): string {
  const looked = scanned !== undefined && scanned > count ? `, ${formatCount(scanned)} looked at` : '';
  const left = unjudged === undefined ? '' : `, ${formatCount(unjudged)} not judged`;
  const going = reading ? ', still reading' : cut ? ', the first of more' : '';
  return `${formatCount(count)}${more || reading || cut ? '+' : ''} listed, ${order}${looked}${left}${going}`;
}

/** From the filter to the first key. */
function focusKeys(): void {
  const row = document.querySelector<HTMLElement>('tr[data-index]');
  (row ?? document.querySelector<HTMLElement>('[role="tree"]'))?.focus();
}

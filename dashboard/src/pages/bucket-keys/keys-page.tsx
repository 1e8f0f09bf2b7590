import {
  ActionIcon,
  Button,
  Code,
  Group,
  Menu,
  SegmentedControl,
  Select,
  Skeleton,
  Stack,
  Text,
} from '@mantine/core';
import { IconDots, IconKey, IconPlus, IconRefresh, IconSearchOff, IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { usePermission } from '../../api/access.ts';
import { codeOf } from '../../api/api-error.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import type { BucketInfo } from '../../generated/contract.ts';
import { useKeys } from '../../hooks/use-keys.ts';
import { durationWords } from '../../lib/duration.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, useQueryState, withQuery } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { BucketNotice, whyReadOnly } from './bucket-notice.tsx';
import { DeleteSelected } from './delete-selected.tsx';
import { KeysTable } from './keys-table.tsx';
import { KeysTree } from './keys-tree.tsx';
import { NewKey } from './new-key.tsx';
import { PurgeByPattern } from './purge-by-pattern.tsx';
import type { Selection } from './selection.ts';
import { useSelection } from './selection.ts';
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
  const isTree = query.get('view') === 'tree';
  const delimiter = query.get('delimiter') ?? '.';
  const info = useInvoke('kv-bucket-info', { bucket }, { everyMs: REFRESH_MS });
  const listing = useKeyPages(bucket, filter.pattern);
  const levels = useTree(bucket, filter.pattern, delimiter);
  const blocked = whyReadOnly(info.data);
  const [seenSeq, setSeenSeq] = useState<number>();
  const lastSeq = info.data?.last_seq;
  const { ready, count, more, error } = listing.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the bucket stood at when it was listed
  useEffect(() => setSeenSeq(lastSeq), [ready, filter.pattern]);
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
  });

  const addressOf = (key: string) =>
    withQuery(pathTo('buckets', bucket, 'keys', key), { filter: filter.text || undefined });
  const newKey = (
    <Guarded
      calls="kv-key-put"
      bucket={bucket}
      blocked={blocked}
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => info.data && setDialog('new')}
    >
      New key
    </Guarded>
  );
  if (codeOf(info.error) === 'BUCKET_NOT_FOUND') return <NoBucket bucket={bucket} error={info.error} />;
  const nothing = !isTree && ready && !error && count === 0 && !more;
  return (
    <>
      <PageHeader
        title={bucket}
        crumbs={[{ label: 'Buckets', to: pathTo('buckets') }]}
        subtitle={info.data ? summary(info.data) : <Skeleton h={12} w={260} mt={6} />}
        search={{
          label: 'Filter keys',
          placeholder: 'Filter: user.* or config.>',
          value: filter.text,
          onChange: filter.change,
          onEnter: focusKeys,
          width: 280,
        }}
        actions={
          <>
            {newKey}
            <MoreMenu bucket={bucket} blocked={blocked} onPurge={() => setDialog('purge')} />
          </>
        }
      />
      {info.data && <BucketNotice info={info.data} />}
      <Group justify="space-between" mb="xs" gap="xs" mih={32}>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label="Show keys as"
            value={isTree ? 'tree' : 'list'}
            onChange={view => changeQuery({ view: view === 'tree' ? 'tree' : undefined })}
            data={[
              { value: 'list', label: 'List' },
              { value: 'tree', label: 'Tree' },
            ]}
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
          {!isTree && selection.keys.size > 0 && (
            <SelectionBar
              bucket={bucket}
              selection={selection}
              blocked={blocked}
              onDelete={() => setDialog('delete')}
            />
          )}
        </Group>
        <Group gap="xs">
          <Text size="xs" c="dimmed" className="num" role="status">
            {!isTree &&
              ready &&
              !nothing &&
              `${formatCount(count)}${more ? '+' : ''} listed, oldest write first`}
            {lastSeq !== undefined && seenSeq !== undefined && lastSeq > seenSeq && (
              <> · {plural(lastSeq - seenSeq, 'write')} since</>
            )}
          </Text>
          <ActionIcon aria-label="Refresh the keys" onClick={refresh}>
            <IconRefresh size={17} stroke={1.6} />
          </ActionIcon>
        </Group>
      </Group>
      {!isTree && error !== undefined && (
        <ErrorNotice error={error} title="The keys cannot be listed" onRetry={listing.pages.retry} mb="sm" />
      )}
      {nothing && (filter.text === '' ? <NoKeys create={newKey} /> : <NoMatch filter={filter} />)}
      {!isTree && !ready && <Waiting />}
      {!isTree && ready && !nothing && count > 0 && (
        <KeysTable pages={listing.pages} state={listing.state} selection={selection} addressOf={addressOf} />
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
          filter={filter.text === '' ? '' : filter.pattern}
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
      <span className="num">{parts.join(' · ')}</span>
    </>
  );
}

function MoreMenu({
  bucket,
  blocked,
  onPurge,
}: {
  bucket: string;
  blocked: string | undefined;
  onPurge(): void;
}) {
  const permission = usePermission('kv-key-purge', bucket);
  const reason = blocked ?? permission.reason;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size="lg" variant="default" aria-label={`Actions of ${bucket}`}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          disabled={reason !== undefined}
          title={reason}
          onClick={onPurge}
        >
          Purge by pattern
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface SelectionBarProps {
  bucket: string;
  selection: Selection;
  blocked: string | undefined;
  onDelete(): void;
}

function SelectionBar({ bucket, selection, blocked, onDelete }: SelectionBarProps) {
  return (
    <Group gap="xs">
      <Text size="sm" fw={600} role="status">
        {formatCount(selection.keys.size)} selected
      </Text>
      <Guarded
        calls="kv-key-delete"
        bucket={bucket}
        blocked={blocked}
        size="compact-sm"
        color="red"
        variant="light"
        onClick={onDelete}
      >
        Delete
      </Guarded>
      <Button size="compact-sm" variant="subtle" onClick={selection.clear}>
        Clear
      </Button>
    </Group>
  );
}

function NoBucket({ bucket, error }: { bucket: string; error: unknown }) {
  return (
    <>
      <PageHeader title={bucket} crumbs={[{ label: 'Buckets', to: pathTo('buckets') }]} />
      <ErrorNotice error={error} title="There is no such bucket" />
    </>
  );
}

function NoKeys({ create }: { create: React.ReactNode }) {
  return (
    <EmptyState icon={IconKey} title="No keys yet" actions={create}>
      Write the first one here, or from a flow with <Code>kv-key-put</Code>. What was deleted or has expired
      is not listed.
    </EmptyState>
  );
}

function NoMatch({ filter }: { filter: ReturnType<typeof useFilter> }) {
  const { text } = filter;
  const isPlain = !/[*>]/.test(text);
  return (
    <EmptyState
      icon={IconSearchOff}
      title="No key fits"
      actions={
        isPlain && (
          <Button variant="default" onClick={() => filter.change(`${text}.>`)}>
            List what is below {text}
          </Button>
        )
      }
    >
      {isPlain ? (
        <>There is no key of exactly this name. </>
      ) : (
        <>
          <Code>*</Code> stands for one part between dots, <Code>&gt;</Code> at the end for all that follows.{' '}
        </>
      )}
      <Link to="?" inherit underline="always">
        Show all keys
      </Link>
    </EmptyState>
  );
}

function Waiting() {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading keys" role="status">
      <Skeleton h={38} />
      <Skeleton h={320} />
    </Stack>
  );
}

/** From the filter to the first key. */
function focusKeys(): void {
  const row = document.querySelector<HTMLElement>('[role="row"][data-index]');
  (row ?? document.querySelector<HTMLElement>('[role="tree"]'))?.focus();
}

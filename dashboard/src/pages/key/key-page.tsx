import { Grid, Group, Stack, Tabs } from '@mantine/core';
import { IconHistory, IconPencil } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { usePermission } from '../../api/access.ts';
import { codeOf } from '../../api/api-error.ts';
import { refreshFunctions, useInvoke } from '../../api/use-invoke.ts';
import { useWatch } from '../../api/use-watch.ts';
import { When } from '../../components/amounts.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DraftNotice } from '../../components/draft-notice.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { useDraftOf, useDraftPlace } from '../../hooks/use-draft.ts';
import { useKeys } from '../../hooks/use-keys.ts';
import type { Draft } from '../../lib/drafts.ts';
import { formatCount } from '../../lib/format.ts';
import { readFilter } from '../../lib/read-filter.ts';
import { seenKeys } from '../../lib/seen.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { navigate, pathTo, useQueryState, withQuery } from '../../router/location.ts';
import { BucketNotice, whyReadOnly } from '../bucket-keys/bucket-notice.tsx';
import type { PageProps } from '../page-definition.ts';
import { CounterPanel, isCounter } from './counter-panel.tsx';
import { EditValue } from './edit-value.tsx';
import { ExpiryPanel } from './expiry-panel.tsx';
import { Gone } from './gone.tsx';
import { History } from './history.tsx';
import { MoveKey } from './move-key.tsx';
import { NeighbourButtons } from './neighbour-buttons.tsx';
import { useNeighbours } from './neighbours.ts';
import { OldRevision } from './old-revision.tsx';
import { RemoveKey } from './remove-key.tsx';
import { type KeyAction, RemoveMenu } from './remove-menu.tsx';
import type { StoredItem } from './stored-item.ts';
import { ValueView } from './value-view.tsx';

/** One key on a page of its own. */
export default function KeyPage({ params: { bucket = '', key = '' } }: PageProps) {
  return <KeyDetail bucket={bucket} keyName={key} />;
}

/** What {@link KeyDetail} is given. */
export interface KeyDetailProps {
  bucket: string;
  keyName: string;
  /** Beside the list of keys: the list has the heading of the page and leads to the neighbours. */
  beside?: { actions: ReactNode; onClose(): void };
}

/** One key: its value, its past and its end. */
export function KeyDetail({ bucket, keyName: key, beside }: KeyDetailProps) {
  const [query, changeQuery] = useQueryState();
  const filter = query.get('filter') ?? '';
  const asked = Number(query.get('revision')) || undefined;
  const tab = query.get('tab') === 'history' ? 'history' : 'value';
  const info = useInvoke('kv-bucket-info', { bucket }).data;
  const current = useInvoke('kv-key-get', { bucket, key });
  const gone = codeOf(current.error) === 'KEY_NOT_FOUND';
  const item = gone ? undefined : (current.data as StoredItem | undefined);
  const isOld = asked !== undefined && item?.revision !== asked;
  const old = useInvoke(
    'kv-key-get',
    { bucket, key, ...(asked !== undefined && { revision: asked }) },
    { enabled: isOld },
  );
  const [editing, setEditing] = useState<{ item: StoredItem; drafted?: string }>();
  const place = useDraftPlace(bucket, key);
  const { draft, drop, look } = useDraftOf(place);
  const [removing, setRemoving] = useState<KeyAction>();
  const neighbours = useNeighbours(
    bucket,
    beside ? undefined : item?.revision,
    readFilter(filter).search === undefined ? readFilter(filter).pattern : '>',
  );
  const isThere = item !== undefined;
  useEffect(() => {
    if (isThere) seenKeys.add(pathTo('buckets', bucket, 'keys', key));
  }, [bucket, key, isThere]);
  const blocked = whyReadOnly(info);
  const mayWrite = usePermission('kv-key-put', bucket).allowed && !blocked;
  useWatch(
    { bucket, filter: key, start: 'new' },
    { onChanges: () => void refreshFunctions('kv-key-get', 'kv-key-history') },
  );
  const up = withQuery(pathTo('buckets', bucket), { filter });
  const addressOf = (other: string) => withQuery(pathTo('buckets', bucket, 'keys', other), { filter });
  const setTab = (next: string) => changeQuery({ tab: next === 'history' ? 'history' : undefined });
  const edit = () => {
    if (!item || !mayWrite) return;
    changeQuery({ tab: undefined, revision: undefined });
    setEditing({ item });
  };
  useKeys({
    e: edit,
    h: () => setTab(tab === 'history' ? 'value' : 'history'),
    j: () => neighbours.next !== undefined && navigate(addressOf(neighbours.next)),
    k: () => neighbours.previous !== undefined && navigate(addressOf(neighbours.previous)),
    u: () => (beside ? beside.onClose() : navigate(up)),
  });

  return (
    <>
      <PageHeader
        {...(beside
          ? { order: 2 }
          : {
              crumbs: [
                { label: 'Buckets', to: pathTo('buckets') },
                { label: bucket, to: up },
              ],
            })}
        title={
          <Group gap={6} wrap="nowrap" align="center">
            <StoredName name={key} className="mono wrap" />
            <CopyButton text={key} label="Copy key" />
          </Group>
        }
        subtitle={item ? <Facts item={item} /> : undefined}
        actions={
          <>
            {beside ? beside.actions : <NeighbourButtons neighbours={neighbours} addressOf={addressOf} />}
            {item && (
              <>
                <Guarded
                  calls="kv-key-put"
                  bucket={bucket}
                  blocked={blocked}
                  disabled={editing !== undefined}
                  icon={IconPencil}
                  onClick={edit}
                >
                  Edit
                </Guarded>
                <RemoveMenu bucket={bucket} blocked={blocked} onChoose={setRemoving} />
              </>
            )}
          </>
        }
      />
      {info && !beside && <BucketNotice info={info} />}
      {!gone && <QueryState query={current} what="the key" title="The key cannot be read" />}
      {draft && !editing && mayWrite && info && (
        <DraftNotice
          draft={draft}
          onTake={() => setEditing({ item: itemOf(draft, { bucket, key, item }), drafted: draft.text })}
          onDrop={drop}
        />
      )}
      {isOld && (
        <OldRevision
          bucket={bucket}
          keyName={key}
          asked={asked}
          isGone={codeOf(old.error) === 'KEY_NOT_FOUND'}
          current={item?.revision}
          blocked={blocked}
        />
      )}
      {(item || gone) && (
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, lg: item && info && !beside ? 8.5 : 12 }}>
            {editing && info && place ? (
              <EditValue
                item={editing.item}
                drafted={editing.drafted}
                owner={place.owner}
                currentRevision={item?.revision}
                info={info}
                onClose={() => {
                  setEditing(undefined);
                  look();
                }}
              />
            ) : (
              <Tabs value={tab} onChange={next => setTab(next ?? 'value')} keepMounted={false}>
                <Tabs.List mb="sm">
                  <Tabs.Tab value="value">Value</Tabs.Tab>
                  <Tabs.Tab value="history" leftSection={<IconHistory size={14} aria-hidden />}>
                    History
                  </Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="value">
                  {isOld ? (
                    <>
                      {old.error && (
                        <ErrorNotice error={old.error} title={`Revision ${asked} cannot be read`} />
                      )}
                      {old.data && !old.error && (
                        <ValueView stored={old.data as StoredItem} of={{ bucket, key }} />
                      )}
                    </>
                  ) : item ? (
                    <ValueView stored={item} of={{ bucket, key }} />
                  ) : (
                    <Gone error={current.error} onHistory={() => setTab('history')} />
                  )}
                </Tabs.Panel>
                <Tabs.Panel value="history">
                  <History
                    bucket={bucket}
                    keyName={key}
                    info={info}
                    current={item?.revision}
                    blocked={blocked}
                  />
                </Tabs.Panel>
              </Tabs>
            )}
          </Grid.Col>
          {item && info && (
            <Grid.Col span={{ base: 12, lg: beside ? 12 : 3.5 }}>
              <Stack gap="sm">
                <ExpiryPanel item={item} info={info} blocked={blocked} />
                {isCounter(item) && <CounterPanel item={item} blocked={blocked} />}
              </Stack>
            </Grid.Col>
          )}
        </Grid>
      )}
      {removing === 'move' && (
        <MoveKey
          bucket={bucket}
          keyName={key}
          revision={item?.revision}
          onClose={() => setRemoving(undefined)}
        />
      )}
      {removing && removing !== 'move' && (
        <RemoveKey
          bucket={bucket}
          keyName={key}
          revision={item?.revision}
          operation={removing}
          means={meansOf(removing, info?.history ?? 1)}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </>
  );
}

/** The item as it was when the draft was begun. */
function itemOf(
  { base, encoding, revision }: Draft,
  { bucket, key, item }: { bucket: string; key: string; item: StoredItem | undefined },
): StoredItem {
  const now = item ?? { bucket, key, created_at: new Date().toISOString() };
  return { ...now, value: base, encoding, revision };
}

function Facts({ item: { revision, created_at, by, content_type, metadata = {} } }: { item: StoredItem }) {
  return (
    <span className="num wrap">
      Revision {formatCount(revision)} · written <When at={created_at} />
      {by && (
        <>
          {' by '}
          <WrittenBy by={by} />
        </>
      )}
      {content_type && ` · ${content_type}`}
      {Object.entries(metadata).map(([name, text]) => ` · ${visibleText(name)}: ${visibleText(text ?? '')}`)}
    </span>
  );
}

function meansOf(operation: 'delete' | 'purge', history: number): string {
  if (operation === 'purge') return 'Its value and all its history are removed. There is no way back.';
  return history > 1
    ? 'Its older revisions stay in the history, from where it can be brought back.'
    : 'The bucket keeps no history: its value cannot be brought back.';
}

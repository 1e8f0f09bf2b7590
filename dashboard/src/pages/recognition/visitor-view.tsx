import { Code, Group, Stack } from '@mantine/core';
import { IconUserSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { usePermission } from '../../api/access.ts';
import { forbidden } from '../../api/api-error.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { Link } from '../../router/link.tsx';
import { navigate, pathTo, useQueryState, withQuery } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { KnownSection } from './known-section.tsx';
import { useLookup } from './lookup.tsx';
import { type NamedVisitor, shownId } from './names.ts';
import { UndoDialog } from './undo-dialog.tsx';

const REFRESH_MS = 4_000;
/** Events and changes shown of each destination; how many there are is told. */
const MOST = 1_000;

/** All that is known of one visitor, in every destination and namespace, and the way back. */
export default function VisitorView({ params: { visitor: id = '' } }: PageProps) {
  const [query] = useQueryState();
  const bucket = query.get('bucket') ?? EVENTS_BUCKET;
  const hash = query.get('token')?.replace(/^==/, '');
  const named = hash === undefined ? { anonymous_id: id } : { anonymous_id_hash: hash };
  const { text, hashed } = shownId(named);
  const permission = usePermission('identify-visitor-get', bucket);
  const asked = useInvoke(
    'identify-visitor-get',
    { ...named, bucket, all_namespaces: true, limit: MOST },
    { everyMs: REFRESH_MS, enabled: permission.allowed },
  );
  const [undoing, setUndoing] = useState<{
    visitor: NamedVisitor & { anonymous_id: string };
    rows: number;
  }>();
  const up = withQuery(pathTo('recognition'), {
    view: 'identities',
    bucket: bucket === EVENTS_BUCKET ? undefined : bucket,
  });
  const search = useLookup(bucket);
  const { data } = asked;
  const refresh = () => void asked.refetch();
  useKeys({ u: () => navigate(up), r: refresh });
  return (
    <>
      <PageHeader
        title={
          <Group gap={6} wrap="nowrap">
            <span>
              <StoredName name={text} className="mono wrap" />
              {hashed && '…'}
            </span>
            <CopyButton text={text} label="Copy the anonymous id" />
          </Group>
        }
        subtitle={
          hashed
            ? 'A visitor with an anonymous id too long for a key: this is its hash.'
            : 'A visitor, by the anonymous id.'
        }
        crumbs={[{ label: 'Recognition', to: up }]}
        search={search}
      />
      <QueryState
        query={{ ...asked, error: permission.allowed ? asked.error : forbidden(permission.reason) }}
        what="the visitor"
        title="The visitor cannot be looked up"
      />
      {data?.known.length === 0 && (
        <EmptyState
          icon={IconUserSearch}
          title="Nobody by this id"
          actions={
            id === 'visitor-1' ? (
              <TryIt calls={EXAMPLE_CALLS} done={EXAMPLE_DONE} onDone={refresh} />
            ) : (
              <Link to={up}>All identities</Link>
            )
          }
        >
          Nothing in <Code>{bucket}</Code> is remembered of it, nobody was named, and no row was amended; or
          it was longer ago than lookback_minutes. An id is looked up letter by letter.
        </EmptyState>
      )}
      <Stack gap="xl">
        {data?.known.map(one => (
          <KnownSection
            key={JSON.stringify([one.namespace, one.destination])}
            known={one}
            bucket={bucket}
            hashed={hashed}
            onUndo={() => setUndoing({ visitor: { ...one, anonymous_id: text }, rows: one.changes_total })}
          />
        ))}
      </Stack>
      {undoing && <UndoDialog {...undoing} bucket={bucket} onClose={() => setUndoing(undefined)} />}
    </>
  );
}

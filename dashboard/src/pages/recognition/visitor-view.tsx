import { Button, Code, Group, Skeleton, Stack } from '@mantine/core';
import { IconUserSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { StateElsewhere, useIsElsewhere } from '../../components/state-elsewhere.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { Link } from '../../router/link.tsx';
import { navigate, pathTo, useQueryState, withQuery } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { EXAMPLE_CALLS, EXAMPLE_DONE } from './example-calls.ts';
import { KnownSection } from './known-section.tsx';
import { useLookup } from './lookup.tsx';
import type { Visitor } from './stored.ts';
import { UndoDialog } from './undo-dialog.tsx';
import { useVisitor } from './use-visitor.ts';

/** All that is known of one visitor, in every destination and namespace, and the way back. */
export default function VisitorView({ params: { visitor: id = '' } }: PageProps) {
  const [query] = useQueryState();
  const bucket = query.get('bucket') ?? EVENTS_BUCKET;
  const { anonymousId, known, ready, error, lists } = useVisitor(bucket, id, query.get('token') ?? undefined);
  const [undoing, setUndoing] = useState<{ visitor: Visitor; rows: number }>();
  const up = withQuery(pathTo('recognition'), {
    view: 'identities',
    bucket: bucket === EVENTS_BUCKET ? undefined : bucket,
  });
  const search = useLookup(bucket);
  const isElsewhere = useIsElsewhere('recognition');
  const refresh = () => {
    for (const { found } of lists) found.refresh();
  };
  useKeys({ u: () => navigate(up), r: refresh });
  return (
    <>
      <PageHeader
        title={
          <Group gap={6} wrap="nowrap">
            <span>
              <StoredName name={anonymousId.text} className="mono wrap" />
              {anonymousId.hashed && '…'}
            </span>
            <CopyButton text={anonymousId.text} label="Copy the anonymous id" />
          </Group>
        }
        subtitle={
          anonymousId.hashed
            ? 'A visitor with an anonymous id too long for a key: this is its hash.'
            : 'A visitor, by the anonymous id.'
        }
        crumbs={[{ label: 'Recognition', to: up }]}
        search={search}
      />
      {error !== undefined && error !== null && (
        <ErrorNotice error={error} title="The visitor cannot be looked up" onRetry={refresh} mb="md" />
      )}
      {!ready && !error && <Skeleton role="img" h={260} aria-label="Looking the visitor up" />}
      <StateElsewhere state="recognition" />
      {ready && known.length === 0 && !isElsewhere && (
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
        {known.map(one => (
          <KnownSection
            key={one.id}
            known={one}
            bucket={bucket}
            onUndo={() => setUndoing({ visitor: one.visitor, rows: one.changes.length })}
          />
        ))}
      </Stack>
      <Group justify="center" mt="md">
        {lists
          .filter(({ found }) => found.more && known.length > 0)
          .map(({ what, found }) => (
            <Button key={what} variant="default" size="compact-sm" onClick={found.loadMore}>
              Look for older {what}
            </Button>
          ))}
      </Group>
      {undoing && <UndoDialog {...undoing} bucket={bucket} onClose={() => setUndoing(undefined)} />}
    </>
  );
}

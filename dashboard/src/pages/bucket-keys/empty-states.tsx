import { Button, Code, Skeleton, Stack } from '@mantine/core';
import { IconKey, IconSearchOff, IconTrashOff } from '@tabler/icons-react';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { formatCount } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';
import type { Filter } from './use-filter.ts';

/** There is no such bucket. */
export function NoBucket({ bucket, error }: { bucket: string; error: unknown }) {
  return (
    <>
      <PageHeader title={bucket} crumbs={[{ label: 'Buckets', to: pathTo('buckets') }]} />
      <ErrorNotice error={error} title="There is no such bucket" />
    </>
  );
}

/** An empty bucket. */
export function NoKeys({ create }: { create: React.ReactNode }) {
  return (
    <EmptyState icon={IconKey} title="No keys yet" actions={create}>
      Write the first one here, or from a flow with <Code>kv-key-put</Code>. What was deleted is listed under{' '}
      <Link to="?view=deleted" inherit underline="always">
        Deleted
      </Link>
      .
    </EmptyState>
  );
}

/** Nothing was deleted. */
export function NoDeleted({ filtered }: { filtered: boolean }) {
  return (
    <EmptyState icon={IconTrashOff} title={filtered ? 'No deleted key fits' : 'No deleted keys'}>
      A key that was deleted or purged stays in this list until it is written again, or until the ttl of the
      bucket ends its marker. One that expired is gone from here a moment later.
    </EmptyState>
  );
}

/** A filter that nothing fits; of some keys that may not be known. */
export function NoMatch({ filter, unjudged = 0 }: { filter: Filter; unjudged?: number | undefined }) {
  const { text, search } = filter;
  const isPlain = /^[^\s*<>:/"]+$/.test(text);
  return (
    <EmptyState
      icon={IconSearchOff}
      title={unjudged === 0 ? 'No key fits' : `No key fits, ${formatCount(unjudged)} not judged`}
      actions={
        isPlain && (
          <Button variant="default" onClick={() => filter.change(`${text}.>`)}>
            List what is below {text}
          </Button>
        )
      }
    >
      {search !== undefined ? (
        <>
          No live key fits <Code>{search}</Code>. It looks for part of a name; <Code>user.*</Code> is a
          pattern, <Code>/^u\d+$/</Code> a regular expression, <Code>value:word</Code>,{' '}
          <Code>size&gt;10k</Code>, <Code>age&lt;1d</Code> and <Code>ttl&lt;1h</Code> say the rest, and{' '}
          <Code>js:$.value.total &gt; 10</Code> is JavaScript, run in kvflow&apos;s sandbox.{' '}
        </>
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

/** Until the first page is there. */
export function Waiting() {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading keys" role="status">
      <Skeleton h={38} />
      <Skeleton h={320} />
    </Stack>
  );
}

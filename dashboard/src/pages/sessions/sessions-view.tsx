import { Code, Stack, Title } from '@mantine/core';
import { IconSearchOff, IconUserScan } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { BucketInfo, TransformSession } from '../../../../contract/types.gen.ts';
import { usePermission } from '../../api/access.ts';
import { invoke } from '../../api/invoke.ts';
import { BucketChoice } from '../../components/bucket-choice.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Listing } from '../../components/listing.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { useOlder } from '../../hooks/use-older.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { useQueryState } from '../../router/location.ts';
import { EXAMPLE_CALLS } from './examples.ts';
import { Namespaces } from './namespaces.tsx';
import { SectionTabs } from './section-tabs.tsx';
import { SessionTable } from './session-table.tsx';
import { useSessionsBucket } from './sessions-bucket.ts';

const PAUSE_MS = 250;
const PAGE = 200;
/** Asked again so often while little of it is shown. */
const REFRESH_MS = 4_000;

/** What scripts keep in `$kv`: the latest first, each namespace by itself. */
export default function SessionsView() {
  const [query, changeQuery] = useQueryState();
  const usual = useSessionsBucket();
  const bucket = query.get('bucket') ?? usual;
  const namespace = query.get('namespace') ?? undefined;
  const search = query.get('q') ?? '';
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => {
      changeQuery({ q: typed });
      setTyped(undefined);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, changeQuery]);
  const { reason: refused } = usePermission('transform-session-list', bucket);
  const found = useOlder<TransformSession>(
    ['transform-session-list', 'newest', bucket, namespace, search],
    async (cursor, signal) => {
      const input = {
        kv_bucket: bucket,
        order: 'newest' as const,
        limit: PAGE,
        ...(namespace === undefined ? { all_namespaces: true } : { namespace }),
        ...(search !== '' && { contains: search }),
        ...(typeof cursor === 'string' && { cursor }),
      };
      const { sessions, cursor: next } = await invoke('transform-session-list', input, { signal });
      return { rows: sessions, next };
    },
    { refused, everyMs: REFRESH_MS },
  );
  const { rows, more } = found;
  const namespaces = [...new Set(rows?.map(row => row.namespace))].sort();
  return (
    <>
      <PageHeader
        title="Sessions"
        subtitle={
          <>
            What scripts of transform remember in <Code>$kv</Code>, the last written first.
          </>
        }
        search={{ label: 'Search session keys', value: typed ?? search, onChange: setTyped }}
        actions={
          <BucketChoice
            bucket={bucket}
            usual={usual}
            fits={holdsSessions}
            onChange={next => changeQuery({ bucket: next, namespace: undefined })}
          />
        }
      />
      <SectionTabs section="sessions">
        {rows && (rows.length > 0 || more) && (
          <Namespaces
            bucket={bucket}
            chosen={namespace}
            onChoose={next => changeQuery({ namespace: next })}
          />
        )}
        <Listing
          found={found}
          what={['session', 'sessions']}
          more={search === '' ? 'Show older sessions' : 'Search older sessions'}
          empty={<Nothing bucket={bucket} search={search} onDone={found.refresh} />}
        >
          <Stack gap="lg">
            {namespaces.map(one => (
              <section key={one} aria-label={`Namespace ${visibleText(one)}`}>
                {(namespaces.length > 1 || namespace === undefined) && (
                  <Title order={2} size="h5" mb={6}>
                    <StoredName name={one} empty="(empty namespace)" className="wrap" />
                  </Title>
                )}
                <SessionTable
                  bucket={bucket}
                  label={`Sessions of ${visibleText(one)}`}
                  rows={rows?.filter(row => row.namespace === one) ?? []}
                />
              </section>
            ))}
          </Stack>
        </Listing>
      </SectionTabs>
    </>
  );
}

/** Whether transform can keep `$kv` there, as in what it makes by itself. */
function holdsSessions({ key_encoding, key_ttl }: BucketInfo): boolean {
  return key_encoding === 'base64' && key_ttl;
}

function Nothing({ bucket, search, onDone }: { bucket: string; search: string; onDone(): void }) {
  if (search !== '') {
    return (
      <EmptyState icon={IconSearchOff} title="No session key fits">
        No key in <Code>{bucket}</Code> contains “{search}”.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconUserScan}
      title="No sessions yet"
      actions={<TryIt calls={EXAMPLE_CALLS} done="Three events were counted." onDone={onDone} />}
    >
      A script keeps state between events with <Code>$kv.set(key, value)</Code>; it lands in the bucket{' '}
      <Code>{bucket}</Code>. This counts the page views of two sessions.
    </EmptyState>
  );
}

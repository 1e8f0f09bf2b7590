import { Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { readSessionKey } from '../../../../contract/session-key.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { Countdown, When } from '../../components/amounts.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { formatJson } from '../../lib/json-text.ts';
import { parseOrdered } from '../../lib/ordered-json.ts';
import { Link } from '../../router/link.tsx';
import { navigate, pathTo, withQuery } from '../../router/location.ts';
import { RemoveKey } from '../key/remove-key.tsx';
import type { PageProps } from '../page-definition.ts';
import { useIsElsewhere, useSessionsBucket } from './sessions-bucket.ts';

const EVERY_MS = 4_000;
const ELSEWHERE =
  'It is kept on the NATS that TRANSFORM_NATS_URL names. To change it as a key, start a kvflow whose NATS_URL is that address.';

/** One session: its value, how long it has, and its end. */
export default function SessionView({ params: { bucket = '', key: stored = '' } }: PageProps) {
  const { namespace, key } = readSessionKey(stored);
  const input = { kv_bucket: bucket, stored_key: stored, all_namespaces: true };
  const asked = useInvoke('transform-session-list', input, { everyMs: EVERY_MS });
  const { data } = asked;
  const found = data?.sessions[0];
  const gone = data !== undefined && !found;
  const isElsewhere = useIsElsewhere();
  const [removing, setRemoving] = useState(false);
  const usual = useSessionsBucket();
  const list = withQuery(pathTo('sessions'), {
    bucket: bucket === usual ? undefined : bucket,
    namespace,
  });
  useKeys({ u: () => navigate(list) });
  const text = found?.text ?? '';
  return (
    <>
      <PageHeader
        title={
          <Group gap={6} wrap="nowrap">
            <StoredName name={key} empty="(empty)" className="mono wrap" />
            <CopyButton text={key} label="Copy the session key" />
          </Group>
        }
        crumbs={[
          { label: 'Sessions', to: pathTo('sessions') },
          { label: namespace === '' ? '(empty namespace)' : namespace, to: list },
        ]}
        actions={
          found && (
            <Guarded
              calls="kv-key-delete"
              bucket={bucket}
              blocked={isElsewhere ? ELSEWHERE : undefined}
              variant="default"
              icon={IconTrash}
              onClick={() => setRemoving(true)}
            >
              Delete
            </Guarded>
          )
        }
      />
      {gone && (
        <EmptyState title="This session is over" actions={<Link to={list}>All sessions of {namespace}</Link>}>
          It expired, or a script or somebody deleted it.
        </EmptyState>
      )}
      <QueryState query={asked} what="the session" title="The session cannot be read" />
      {found && (
        <Stack>
          <SimpleGrid cols={{ base: 2, md: 4 }}>
            <Fact label="Last update">
              <When at={found.updated_at} />
            </Fact>
            <Fact label="Expires in">
              {found.expires_at ? <Countdown until={found.expires_at} /> : 'never'}
            </Fact>
            <Fact label="Size">{formatBytes(found.size)}</Fact>
            <Fact label="Revision">
              <Link to={pathTo('buckets', bucket, 'keys', stored)} className="num">
                {formatCount(found.revision)}
              </Link>
            </Fact>
          </SimpleGrid>
          <Paper withBorder p="sm" bg="var(--kv-surface)" component="section" aria-label="Value">
            <Group justify="space-between" mb="xs">
              <Text size="sm" fw={600}>
                Value
              </Text>
              <CopyButton text={formatJson(text)} label="Copy the value" />
            </Group>
            <JsonTree value={orderedOrText(text)} label="Value" height={420} />
          </Paper>
          {!isElsewhere && <Earlier bucket={bucket} stored={stored} />}
          <Muted>
            {isElsewhere ? (
              ELSEWHERE
            ) : (
              <>
                To edit it, or to give it more time, open it as{' '}
                <Link to={pathTo('buckets', bucket, 'keys', stored)} underline="always">
                  key <Mono>{stored}</Mono> of {bucket}
                </Link>
                .
              </>
            )}
          </Muted>
        </Stack>
      )}
      {removing && (
        <RemoveKey
          bucket={bucket}
          keyName={stored}
          revision={found?.revision}
          operation="delete"
          what={{ name: 'session', text: key }}
          means="The next event of this session finds nothing, and its script begins anew."
          onDone={() => navigate(list)}
          onClose={() => setRemoving(false)}
        />
      )}
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Paper withBorder p="sm" bg="var(--kv-surface)">
      <Text size="xs" fw={600} c="dimmed">
        {label}
      </Text>
      <Text component="div" fw={600}>
        {children}
      </Text>
    </Paper>
  );
}

/** Buckets that transform makes keep no history; one that somebody else made may. */
function Earlier({ bucket, stored }: { bucket: string; stored: string }) {
  const { data } = useInvoke('kv-key-history', { bucket, key: stored });
  const before = data?.items.toReversed().slice(1) ?? [];
  if (before.length === 0) return null;
  return (
    <section aria-label="Earlier values">
      <Text size="sm" fw={600} mb={4}>
        Earlier values
      </Text>
      <Stack gap={4}>
        {before.map(({ revision, operation, created_at, value = '' }) => (
          <Group key={revision} gap="sm" wrap="nowrap">
            <When at={created_at} fz="xs" />
            <Mono fz="xs" lineClamp={1}>
              {operation === 'put' ? value : operation}
            </Mono>
          </Group>
        ))}
      </Stack>
    </section>
  );
}

/** The JSON of a value, or its text where it is none. */
function orderedOrText(text: string): unknown {
  try {
    return parseOrdered(text);
  } catch {
    return text;
  }
}

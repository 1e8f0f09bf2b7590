import { Badge, Button, Group, Radio, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { BucketInfo, HistoryItem } from '../../../../contract/types.gen.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { When } from '../../components/amounts.tsx';
import { DiffEditor } from '../../components/code-editor.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { bytesOf } from '../../lib/bytes.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { isJson } from '../../lib/json-text.ts';
import { valueLine } from '../../lib/value-line.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import { comparedText } from './compared-text.ts';
import { RevertDialog } from './revert-dialog.tsx';

/** What {@link History} is given. */
export interface HistoryProps {
  bucket: string;
  keyName: string;
  info: BucketInfo | undefined;
  /** Revision that is current; undefined where the key is gone. */
  current: number | undefined;
  blocked: string | undefined;
}

const COLOURS = { put: 'blue', delete: 'orange', purge: 'red', expire: 'grape' } as const;
const WORDS = { put: 'written', delete: 'deleted', purge: 'purged', expire: 'expired' } as const;

/** What is kept of a key: each revision, the difference of any two, and a way back. */
export function History({ bucket, keyName, info, current, blocked }: HistoryProps) {
  const { data, error, refetch } = useInvoke('kv-key-history', { bucket, key: keyName });
  const [reverting, setReverting] = useState<number>();
  const [from, setFrom] = useState<number>();
  const [to, setTo] = useState<number>();
  if (error) return <ErrorNotice error={error} title="The history cannot be read" onRetry={refetch} />;
  if (!data) return <Skeleton role="img" h={160} aria-label="Loading the history" />;
  const items = data.items.toReversed();
  const values = items.filter(({ operation }) => operation === 'put');
  const right = values.find(({ revision }) => revision === to) ?? values[0];
  const left = values.find(({ revision }) => revision === from) ?? values.find(one => one !== right);
  if (items.length === 0) {
    return <EmptyState title="Nothing is kept of this key">It was never written, or was purged.</EmptyState>;
  }
  return (
    <Stack gap="sm">
      <Table.ScrollContainer minWidth={720} type="native" tabIndex={0} role="region" aria-label="Revisions">
        <Table
          aria-label="Revisions"
          verticalSpacing={6}
          highlightOnHover
          highlightOnHoverColor="var(--kv-hover)"
        >
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={120}>Compare</Table.Th>
              <Table.Th>Revision</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>When</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th ta="right">Size</Table.Th>
              <Table.Th ta="right">Actions</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map(item => (
              <Table.Tr key={item.revision}>
                <Table.Td>
                  {item.operation === 'put' && values.length > 1 && (
                    <Group gap="xs" wrap="nowrap">
                      <Radio
                        size="xs"
                        name="from"
                        aria-label={`Compare from revision ${item.revision}`}
                        checked={left === item}
                        onChange={() => setFrom(item.revision)}
                      />
                      <Radio
                        size="xs"
                        name="to"
                        aria-label={`Compare to revision ${item.revision}`}
                        checked={right === item}
                        onChange={() => setTo(item.revision)}
                      />
                    </Group>
                  )}
                </Table.Td>
                <Table.Td className="num">
                  {item.operation === 'put' ? (
                    <Link
                      to={withQuery(pathTo('buckets', bucket, 'keys', keyName), { revision: item.revision })}
                    >
                      {formatCount(item.revision)}
                    </Link>
                  ) : (
                    formatCount(item.revision)
                  )}
                </Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    <Badge variant="light" color={COLOURS[item.operation]} tt="none" radius="sm">
                      {WORDS[item.operation]}
                    </Badge>
                    {item.revision === current && (
                      <Text size="xs" c="dimmed">
                        current
                      </Text>
                    )}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <When at={item.created_at} fz="sm" />
                  <Text size="xs" c="dimmed">
                    <WrittenBy by={item.by} />
                  </Text>
                </Table.Td>
                <Table.Td className="mono" maw={320} fz="xs">
                  <Text inherit truncate title={lineOf(item)}>
                    {lineOf(item)}
                  </Text>
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {item.operation === 'put' && formatBytes(bytesOf(asStored(item)).length)}
                </Table.Td>
                <Table.Td ta="right">
                  {item.operation === 'put' && item.revision !== current && (
                    <Guarded
                      calls="kv-key-revert"
                      bucket={bucket}
                      blocked={blocked}
                      size="compact-xs"
                      variant="default"
                      onClick={() => setReverting(item.revision)}
                    >
                      Revert to {formatCount(item.revision)}
                    </Guarded>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {values.length < 2 && info && info.history === 1 && (
        <Text size="sm" c="dimmed">
          The bucket keeps one revision of each key. With a history of more, older values can be compared and
          brought back.
        </Text>
      )}
      {left && right && (
        <section aria-label={`Revision ${left.revision} against revision ${right.revision}`}>
          <Group justify="space-between" mb={6}>
            <Text size="sm" fw={600} className="num">
              Revision {formatCount(left.revision)} → {formatCount(right.revision)}
            </Text>
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() => {
                setFrom(right.revision);
                setTo(left.revision);
              }}
            >
              Swap
            </Button>
          </Group>
          {comparedText(asStored(left)) === comparedText(asStored(right)) ? (
            <Text size="sm" c="dimmed">
              Both hold the same value.
            </Text>
          ) : (
            <DiffEditor
              left={comparedText(asStored(left))}
              right={comparedText(asStored(right))}
              leftLabel={`Revision ${left.revision}`}
              rightLabel={`Revision ${right.revision}`}
              language={isJson(right.value ?? '') ? 'json' : 'text'}
              height={420}
            />
          )}
        </section>
      )}
      {reverting !== undefined && (
        <RevertDialog
          bucket={bucket}
          keyName={keyName}
          revision={reverting}
          current={current}
          onClose={() => setReverting(undefined)}
        />
      )}
    </Stack>
  );
}

/** The beginning of what was written. */
function lineOf(item: HistoryItem): string {
  return item.operation === 'put' ? valueLine(item) : '';
}

function asStored({ value = '', encoding }: HistoryItem) {
  return { value, encoding };
}

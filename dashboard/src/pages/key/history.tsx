import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { BucketInfo, HistoryItem } from '../../../../contract/types.gen.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { When } from '../../components/amounts.tsx';
import { bytesColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Mark } from '../../components/mark.tsx';
import { Muted } from '../../components/muted.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { ValueDiff } from '../../components/value-diff.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { bytesOf } from '../../lib/bytes.ts';
import { formatCount } from '../../lib/format.ts';
import { valueLine } from '../../lib/value-line.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
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
  const asked = useInvoke('kv-key-history', { bucket, key: keyName });
  const { data } = asked;
  const [reverting, setReverting] = useState<number>();
  const [from, setFrom] = useState<number>();
  const [to, setTo] = useState<number>();
  if (!data) return <QueryState query={asked} what="the history" title="The history cannot be read" />;
  const items = data.items.toReversed();
  const values = items.filter(({ operation }) => operation === 'put');
  const right = values.find(({ revision }) => revision === to) ?? values[0];
  const left = values.find(({ revision }) => revision === from) ?? values.find(one => one !== right);
  if (items.length === 0) {
    return <EmptyState title="Nothing is kept of this key">It was never written, or was purged.</EmptyState>;
  }
  const side = (name: 'from' | 'to', chosen: HistoryItem | undefined, item: HistoryItem) => (
    <Radio
      size="xs"
      name={name}
      aria-label={`Compare ${name} revision ${item.revision}`}
      checked={chosen === item}
      onChange={() => (name === 'from' ? setFrom : setTo)(item.revision)}
    />
  );
  const columns: Column<HistoryItem>[] = [
    {
      id: 'compare',
      header: 'Compare',
      width: 120,
      cell: item =>
        item.operation === 'put' &&
        values.length > 1 && (
          <Group gap="xs" wrap="nowrap">
            {side('from', left, item)}
            {side('to', right, item)}
          </Group>
        ),
    },
    { id: 'revision', header: 'Revision', cell: item => <Revision {...{ bucket, keyName, item }} /> },
    {
      id: 'what',
      header: 'What',
      width: 150,
      cell: ({ operation, revision }) => (
        <Group gap={6} wrap="nowrap">
          <Mark color={COLOURS[operation]}>{WORDS[operation]}</Mark>
          {revision === current && <Muted size="xs">current</Muted>}
        </Group>
      ),
    },
    {
      id: 'when',
      header: 'When',
      cell: ({ created_at, by }) => (
        <>
          <When at={created_at} fz="sm" />
          <Muted size="xs">
            <WrittenBy by={by} />
          </Muted>
        </>
      ),
    },
    { id: 'value', header: 'Value', cell: item => <Line text={lineOf(item)} /> },
    bytesColumn('size', 'Size', item => (item.operation === 'put' ? sizeOf(item) : undefined)),
    {
      id: 'do',
      header: 'Actions',
      align: 'right',
      cell: ({ operation, revision }) =>
        operation === 'put' &&
        revision !== current && (
          <Guarded
            calls="kv-key-revert"
            bucket={bucket}
            blocked={blocked}
            size="compact-xs"
            variant="default"
            onClick={() => setReverting(revision)}
          >
            Revert to {formatCount(revision)}
          </Guarded>
        ),
    },
  ];
  return (
    <Stack gap="sm">
      <DataTable
        label="Revisions"
        rows={items}
        columns={columns}
        rowId={({ revision }) => String(revision)}
      />
      {values.length < 2 && info && info.history === 1 && (
        <Muted>
          The bucket keeps one revision of each key. With a history of more, older values can be compared and
          brought back.
        </Muted>
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
          <ValueDiff
            left={left}
            right={right}
            leftLabel={`Revision ${left.revision}`}
            rightLabel={`Revision ${right.revision}`}
          />
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

function sizeOf({ value = '', encoding }: HistoryItem): number {
  return bytesOf({ value, encoding }).length;
}

function Line({ text }: { text: string }) {
  return (
    <Text size="xs" className="mono" maw={320} truncate title={text}>
      {text}
    </Text>
  );
}

function Revision({ bucket, keyName, item }: { bucket: string; keyName: string; item: HistoryItem }) {
  const { operation, revision } = item;
  const number = <span className="num">{formatCount(revision)}</span>;
  if (operation !== 'put') return number;
  return <Link to={withQuery(pathTo('buckets', bucket, 'keys', keyName), { revision })}>{number}</Link>;
}

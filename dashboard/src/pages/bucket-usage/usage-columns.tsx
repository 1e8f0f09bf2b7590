import { Group } from '@mantine/core';
import type { LargestItem, UsageGroup } from '../../../../contract/types.gen.ts';
import { Bytes } from '../../components/amounts.tsx';
import { bytesColumn, countColumn, keyColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { Muted } from '../../components/muted.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { UsageBar } from '../../components/usage-bar.tsx';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import type { UsageRange } from './usage.ts';

/** Address of what is counted below a prefix; undefined for the keys right here, which have nothing below. */
export function addressOf(range: UsageRange, prefix: string): string | undefined {
  if (prefix === range.prefix) return undefined;
  const separator = range.separator === '.' ? undefined : range.separator;
  return withQuery(pathTo('buckets', range.bucket, 'usage'), { prefix, separator });
}

/** How a group is called. */
export function labelOf({ prefix, separator }: UsageRange, group: string): string {
  if (group !== prefix) return group;
  return prefix === '' ? `keys without "${separator}"` : `keys right below ${prefix}`;
}

/** Columns of the table of groups; `total` is all their bytes. */
export function usageColumns(
  range: UsageRange,
  total: number,
  menu: (group: UsageGroup) => React.ReactNode,
): Column<UsageGroup>[] {
  return [
    {
      id: 'prefix',
      header: 'Prefix',
      sortBy: ({ prefix }) => prefix,
      cell: group => <Name {...{ range, group }} />,
    },
    {
      id: 'bytes',
      header: 'Bytes',
      width: 210,
      sortBy: ({ bytes }) => bytes,
      cell: ({ prefix, bytes }) => (
        <Group gap="xs" wrap="nowrap">
          <UsageBar used={bytes} limit={total} label={`Share of ${visibleText(prefix)}`} plain />
          <Bytes bytes={bytes} />
          <Muted size="xs" className="num">
            {total > 0 ? `${((bytes / total) * 100).toFixed(1)} %` : ''}
          </Muted>
        </Group>
      ),
    },
    countColumn('keys', 'Keys', ({ keys }) => keys),
    countColumn('past', 'Past values', pastOf),
    countColumn('markers', 'Markers', ({ markers }) => markers),
    countColumn('without_ttl', 'Without ttl', group => group.without_ttl),
    bytesColumn('recent', 'Last day', group => group.recent_bytes),
    { id: 'menu', header: 'Actions', quiet: true, align: 'right', cell: menu },
  ];
}

/** Columns of the table of the largest values. */
export function largestColumns(bucket: string): Column<LargestItem>[] {
  return [
    keyColumn(bucket),
    bytesColumn('size', 'Size', ({ size }) => size),
    countColumn('revision', 'Revision', ({ sequence }) => sequence),
  ];
}

function pastOf({ revisions, markers, keys }: UsageGroup): number {
  return Math.max(0, revisions - markers - keys);
}

function Name({ range, group: { prefix } }: { range: UsageRange; group: UsageGroup }) {
  const to = addressOf(range, prefix);
  if (to === undefined) {
    return <Muted span>{visibleText(labelOf(range, prefix))}</Muted>;
  }
  return (
    <Link to={to} className="mono wrap" c="inherit">
      <StoredName name={prefix} />
    </Link>
  );
}

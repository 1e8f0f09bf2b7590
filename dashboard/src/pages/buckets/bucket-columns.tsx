import { Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import type { BucketInfo, Origin } from '../../../../contract/types.gen.ts';
import { Bytes, Duration } from '../../components/amounts.tsx';
import { countColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { Muted } from '../../components/muted.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { UsageBar } from '../../components/usage-bar.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';

/** Columns of the table of buckets. */
export const bucketColumns: readonly Column<BucketInfo>[] = [
  {
    id: 'bucket',
    header: 'Bucket',
    cell: info => <Name info={info} />,
    sortBy: ({ bucket }) => bucket,
    width: '24%',
  },
  countColumn('values', 'Values', ({ values }) => values),
  {
    id: 'bytes',
    header: 'Bytes',
    cell: info => <Size info={info} />,
    sortBy: ({ bytes }) => bytes,
    width: 130,
  },
  {
    id: 'history',
    header: 'History',
    align: 'right',
    cell: ({ history }) => <span className="num">{history < 0 ? 'all' : history}</span>,
    sortBy: ({ history }) => history,
  },
  {
    id: 'ttl',
    header: 'TTL',
    cell: ({ ttl }) => (
      <TwoLines below={ttl > 0 && `${formatCount(ttl)} ns`}>
        <Duration nanoseconds={ttl} />
      </TwoLines>
    ),
    sortBy: ({ ttl }) => ttl,
  },
  {
    id: 'storage',
    header: 'Storage',
    cell: ({ storage, compression }) => <TwoLines below={compression && 'compressed'}>{storage}</TwoLines>,
    sortBy: ({ storage }) => storage,
  },
  {
    id: 'replicas',
    header: 'Replicas',
    cell: info => <Replicas info={info} />,
    sortBy: info => info.num_replicas,
  },
  whenColumn('changed', 'Last change', ({ last_modified_at }) => last_modified_at),
];

function Name({ info }: { info: BucketInfo }) {
  const { bucket, description, key_ttl, key_encoding, read_only, republish } = info;
  return (
    <Stack gap={2} maw={420}>
      <Group gap={6}>
        <Link to={pathTo('buckets', bucket)} fw={600} size="sm" className="wrap">
          {bucket}
        </Link>
        {read_only && (
          <Mark
            label="read-only"
            help="Writes are refused: a sealed bucket, or a mirror that renames keys."
          />
        )}
        {key_ttl && <Mark label="key ttl" help="A ttl per key is allowed." />}
        {key_encoding !== 'none' && (
          <Mark label={key_encoding} help="Takes any text as a key and keeps it encoded." />
        )}
        {republish && (
          <Mark label="republished" help={`Every write is published again on ${republish.dest}.`} />
        )}
      </Group>
      {description !== '' && (
        <Muted size="xs" lineClamp={2} className="wrap">
          {description}
        </Muted>
      )}
      <Origins info={info} />
      <Metadata metadata={info.metadata} />
    </Stack>
  );
}

function Origins({ info: { mirror, sources } }: { info: BucketInfo }) {
  if (!mirror && !sources?.length) return null;
  const origins = mirror ? [mirror] : (sources ?? []);
  return (
    <Muted size="xs" className="wrap">
      {mirror ? 'Mirror of ' : 'Gathers '}
      {origins.map((origin, index) => (
        <span key={`${origin.domain} ${origin.name}`}>
          {index > 0 && ', '}
          <OriginName origin={origin} />
        </span>
      ))}
    </Muted>
  );
}

function OriginName({ origin: { name, domain, filter_subject } }: { origin: Origin }) {
  return (
    <>
      {domain ? (
        `${name} in domain ${domain}`
      ) : (
        <Link to={pathTo('buckets', name)} inherit underline="always">
          {name}
        </Link>
      )}
      {filter_subject && ` (${filter_subject})`}
    </>
  );
}

function Metadata({ metadata }: { metadata: BucketInfo['metadata'] }) {
  const entries = Object.entries(metadata);
  if (entries.length === 0) return null;
  return (
    <Muted size="xs" className="wrap" lineClamp={2}>
      {entries.map(([name, value]) => `${name}: ${value}`).join(' · ')}
    </Muted>
  );
}

function Mark({ label, help }: { label: string; help: string }) {
  return (
    <Tooltip label={help}>
      <Badge size="xs" variant="default" tt="none" fw={500} tabIndex={0}>
        {label}
      </Badge>
    </Tooltip>
  );
}

function Size({ info: { bucket, bytes, max_bytes } }: { info: BucketInfo }) {
  return (
    <Stack gap={4}>
      <Text size="sm" className="num">
        <Bytes bytes={bytes} />
        {max_bytes > 0 && (
          <Text span size="xs" c="dimmed">
            {' of '}
            <Bytes bytes={max_bytes} />
          </Text>
        )}
      </Text>
      {max_bytes > 0 && (
        <UsageBar used={bytes} limit={max_bytes} label={`${bucket}: bytes used of its limit`} />
      )}
    </Stack>
  );
}

function Replicas({ info: { num_replicas, cluster } }: { info: BucketInfo }) {
  const others = cluster?.replicas ?? [];
  const behind = others.filter(({ current, offline, lag }) => offline || !current || lag > 0);
  const help = others
    .map(
      ({ name, current, offline, lag }) =>
        `${name}: ${offline ? 'offline' : current && lag === 0 ? 'up to date' : `${lag} behind`}`,
    )
    .join(', ');
  return (
    <Stack gap={0}>
      <Text size="sm" className="num">
        {num_replicas}
      </Text>
      {cluster?.leader && (
        <Muted size="xs" className="wrap">
          leader {cluster.leader}
        </Muted>
      )}
      {cluster && !cluster.leader && num_replicas > 1 && (
        <Text size="xs" c="var(--kv-bad)">
          no leader
        </Text>
      )}
      {others.length > 0 && (
        <Tooltip label={help}>
          <Text size="xs" c={behind.length > 0 ? 'var(--kv-warn)' : 'dimmed'} tabIndex={0}>
            {behind.length === 0
              ? 'all up to date'
              : `${plural(Math.max(...behind.map(({ lag }) => lag)), 'write')} behind`}
          </Text>
        </Tooltip>
      )}
    </Stack>
  );
}

import { Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import type { BucketInfo, Origin } from '../../../../contract/types.gen.ts';
import { Bytes, Duration, When } from '../../components/amounts.tsx';
import type { Column } from '../../components/data-table.tsx';
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
  {
    id: 'values',
    header: 'Values',
    align: 'right',
    cell: ({ values }) => <span className="num">{formatCount(values)}</span>,
    sortBy: ({ values }) => values,
  },
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
  { id: 'ttl', header: 'TTL', cell: info => <Ttl info={info} />, sortBy: ({ ttl }) => ttl },
  {
    id: 'storage',
    header: 'Storage',
    cell: info => <Storage info={info} />,
    sortBy: ({ storage }) => storage,
  },
  {
    id: 'replicas',
    header: 'Replicas',
    cell: info => <Replicas info={info} />,
    sortBy: info => info.num_replicas,
  },
  {
    id: 'changed',
    header: 'Last change',
    cell: info => <When at={info.last_modified_at} />,
    sortBy: ({ last_modified_at }) => last_modified_at,
  },
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
        <Text size="xs" c="dimmed" lineClamp={2} className="wrap">
          {description}
        </Text>
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
    <Text size="xs" c="dimmed" className="wrap">
      {mirror ? 'Mirror of ' : 'Gathers '}
      {origins.map((origin, index) => (
        <span key={`${origin.domain} ${origin.name}`}>
          {index > 0 && ', '}
          <OriginName origin={origin} />
        </span>
      ))}
    </Text>
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
    <Text size="xs" c="dimmed" className="wrap" lineClamp={2}>
      {entries.map(([name, value]) => `${name}: ${value}`).join(' · ')}
    </Text>
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
        <Bytes bytes={bytes} inherit />
        {max_bytes > 0 && (
          <Text span size="xs" c="dimmed">
            {' of '}
            <Bytes bytes={max_bytes} inherit />
          </Text>
        )}
      </Text>
      {max_bytes > 0 && (
        <UsageBar used={bytes} limit={max_bytes} label={`${bucket}: bytes used of its limit`} />
      )}
    </Stack>
  );
}

function Ttl({ info: { ttl } }: { info: BucketInfo }) {
  return (
    <Stack gap={0}>
      <Duration nanoseconds={ttl} fz="sm" />
      {ttl > 0 && (
        <Text size="xs" c="dimmed" className="num">
          {formatCount(ttl)} ns
        </Text>
      )}
    </Stack>
  );
}

function Storage({ info: { storage, compression } }: { info: BucketInfo }) {
  return (
    <Stack gap={0}>
      <Text size="sm">{storage}</Text>
      {compression && (
        <Text size="xs" c="dimmed">
          compressed
        </Text>
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
        <Text size="xs" c="dimmed" className="wrap">
          leader {cluster.leader}
        </Text>
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

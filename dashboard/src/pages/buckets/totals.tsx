import { Group, Paper, SimpleGrid, Stack, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import type { BucketInfo, Quota, StorageQuota } from '../../../../contract/types.gen.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { Muted } from '../../components/muted.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { UsageBar } from '../../components/usage-bar.tsx';
import { formatBytes, formatCount, formatShort, plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { type Sample, samples, totalsOf } from './samples.ts';

/** What all buckets hold together, how it grows, and how much the account may hold. */
export function Totals({ buckets }: { buckets: readonly BucketInfo[] }) {
  const seen = useStore(samples);
  const { keys, bytes } = totalsOf(buckets);
  const inFiles = buckets.filter(({ storage }) => storage === 'file');
  const inMemory = buckets.filter(({ storage }) => storage === 'memory');
  const ofKeys = growthOf(seen, 'keys', formatShort);
  const ofBytes = growthOf(seen, 'bytes', formatBytes);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm" mb="sm" component="section" aria-label="Totals">
      <Card label="Buckets" figure={formatCount(buckets.length)}>
        <Muted size="xs" className="num">
          {formatCount(inFiles.length)} file · {formatCount(inMemory.length)} memory
        </Muted>
      </Card>
      <Card label="Keys" figure={formatCount(keys)} aside={ofKeys?.line}>
        <Muted size="xs" className="num">
          {ofKeys?.words}
        </Muted>
      </Card>
      <Card label="Stored" figure={formatBytes(bytes)} aside={ofBytes?.line}>
        <Muted size="xs" className="num">
          {ofBytes?.words}
        </Muted>
        <Muted size="xs" className="num">
          {formatBytes(totalsOf(inFiles).bytes)} file · {formatBytes(totalsOf(inMemory).bytes)} memory
        </Muted>
      </Card>
      <Account />
    </SimpleGrid>
  );
}

function Card(props: { label: string; figure?: string; aside?: ReactNode; children?: ReactNode }) {
  const { label, figure, aside, children } = props;
  return (
    <Paper withBorder px="sm" py={6} bg="var(--kv-surface)">
      <Text size="xs" fw={600} c="dimmed">
        {label}
      </Text>
      <Group justify="space-between" align="flex-end" wrap="nowrap">
        {figure !== undefined && (
          <Text fz={20} fw={600} lh={1.3} className="num" data-total={label}>
            {figure}
          </Text>
        )}
        {aside}
      </Group>
      {children}
    </Paper>
  );
}

/** How a total went in the last minutes. */
function growthOf(seen: readonly Sample[], of: 'keys' | 'bytes', write: (amount: number) => string) {
  const values = seen.map(sample => sample[of]);
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || seen.length < 2) return undefined;
  const grown = last[of] - first[of];
  const minutes = Math.max(1, Math.round((last.at - first.at) / 60_000));
  const words = `${grown < 0 ? '−' : '+'}${write(Math.abs(grown))} in ${plural(minutes, 'min', 'min')}`;
  return { words, line: <Sparkline values={values} label={`${of}: ${words}`} width={72} height={26} /> };
}

/** What the JetStream account uses and may use. */
function Account() {
  const { data, error } = useInvoke('kv-account-info', {}, { everyMs: 30_000 });
  return (
    <Card label={data?.domain ? `Account (domain ${data.domain})` : 'Account'}>
      {error && !data && (
        <Muted size="xs" mt={4}>
          {error.code === 'FORBIDDEN' ? 'This API key may not see it.' : error.message}
        </Muted>
      )}
      {data && (
        <Stack gap={2}>
          <Limited name="File" quota={data.file} format={formatBytes} />
          <Limited name="Memory" quota={data.memory} format={formatBytes} />
          <Limited name="Streams" quota={data.streams} format={formatCount} />
        </Stack>
      )}
    </Card>
  );
}

interface LimitedProps {
  name: string;
  quota: Quota & Partial<StorageQuota>;
  format(amount: number): string;
}

function Limited({ name, quota: { used, limit, reserved = 0 }, format }: LimitedProps) {
  const isShown = format === formatBytes && limit > 0;
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="xs">{name}</Text>
        <Tooltip
          label={`${format(reserved)} are promised to buckets by their max_bytes`}
          disabled={reserved === 0}
        >
          <Muted size="xs" className="num">
            {format(used)} of {limit < 0 ? 'no limit' : format(limit)}
          </Muted>
        </Tooltip>
      </Group>
      {isShown && <UsageBar used={Math.max(used, reserved)} limit={limit} label={`${name} of the account`} />}
    </div>
  );
}

import { Alert, Breadcrumbs, Group, Select, Skeleton, Text, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { UsageGroup } from '../../../../contract/types.gen.ts';
import { codeOf } from '../../api/api-error.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { BucketHeader } from '../../components/bucket-header.tsx';
import { CompactMarkers, type GroupDialogProps } from '../../components/compact-markers.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { ScanStatus } from '../../components/scan-status.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { useScan } from '../../hooks/use-scan.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, useQueryState, withQuery } from '../../router/location.ts';
import { whyReadOnly } from '../bucket-keys/bucket-notice.tsx';
import { PurgeByPattern } from '../bucket-keys/purge-by-pattern.tsx';
import { takesTtl } from '../key/ttl-choice.tsx';
import type { PageProps } from '../page-definition.ts';
import { GroupMenu } from './group-menu.tsx';
import { SetTtl } from './set-ttl.tsx';
import { Treemap } from './treemap.tsx';
import { countUsage, patternOf, type Usage, type UsageRange } from './usage.ts';
import { addressOf, labelOf, largestColumns, usageColumns } from './usage-columns.tsx';

const NO_TTL = 'A ttl per key needs key_ttl; see the options of the bucket.';
const SEPARATORS = ['.', '/', '_', '-', ':', '='];
/** Groups that the map shows each on its own. */
const MAPPED = 16;

const DIALOGS = { purge: PurgeByPattern, compact: CompactMarkers, ttl: SetTtl };

type Dialog = { kind: keyof typeof DIALOGS; filter: string };

/** What fills a bucket, by the beginnings of its keys, and what can be done about it. */
export default function UsagePage({ params: { bucket = '' } }: PageProps) {
  const [query, changeQuery] = useQueryState();
  const prefix = query.get('prefix') ?? '';
  const separator = query.get('separator') ?? '.';
  const range = useMemo(() => ({ bucket, prefix, separator }), [bucket, prefix, separator]);
  const info = useInvoke('kv-bucket-info', { bucket }).data;
  const { scan, start, cancel } = useScan<Usage>();
  const [dialog, setDialog] = useState<Dialog>();
  const count = useCallback(() => start(countUsage(range)), [start, range]);
  useEffect(count, [count]);
  useKeys({ r: count });
  const { result } = scan;
  return (
    <>
      <BucketHeader
        bucket={bucket}
        open="usage"
        subtitle="What fills the disk: all that is stored, with past values and markers, by how the keys begin."
      />
      <Group justify="space-between" mb="xs" gap="xs" mih={32}>
        <Group gap="xs">
          <Select
            size="xs"
            w={76}
            aria-label="Separator"
            data={SEPARATORS}
            value={separator}
            allowDeselect={false}
            onChange={chosen =>
              changeQuery({
                separator: chosen === '.' ? undefined : (chosen ?? undefined),
                prefix: undefined,
              })
            }
          />
          <Path range={range} />
        </Group>
        <Group gap="xs">
          <ScanStatus
            scan={scan}
            what={result ? progressOf(result) : 'Counting…'}
            share={
              result && prefix === '' && result.bucketBytes > 0
                ? result.bytes / result.bucketBytes
                : undefined
            }
            onCancel={cancel}
          />
          <IconButton icon={IconRefresh} label="Count again" onClick={count} />
        </Group>
      </Group>
      {scan.kind === 'failed' && (
        <ErrorNotice
          error={scan.error}
          title={
            codeOf(scan.error) === 'BUCKET_NOT_FOUND' ? 'There is no such bucket' : 'The count did not go on'
          }
          onRetry={count}
          mb="sm"
        />
      )}
      {!result && scan.kind === 'running' && (
        <Skeleton role="img" h={260} aria-label="Loading what fills the bucket" />
      )}
      {result &&
        (result.groups.length > 0 ? (
          <Counted
            range={range}
            usage={result}
            blocked={whyReadOnly(info)}
            noTtl={info && !takesTtl(info) ? NO_TTL : undefined}
            onDialog={setDialog}
          />
        ) : (
          scan.kind === 'done' && <EmptyState title="Nothing is stored here">No key begins so.</EmptyState>
        ))}
      {dialog && (
        <OpenDialog {...dialog} bucket={bucket} onDone={count} onClose={() => setDialog(undefined)} />
      )}
    </>
  );
}

function OpenDialog({ kind, ...props }: Dialog & Omit<GroupDialogProps, 'filter'>) {
  const Shown = DIALOGS[kind];
  return <Shown {...props} />;
}

interface CountedProps {
  range: UsageRange;
  usage: Usage;
  blocked: string | undefined;
  noTtl: string | undefined;
  onDialog(dialog: Dialog): void;
}

function Counted({ range, usage, blocked, noTtl, onDialog }: CountedProps) {
  const { bucket, separator } = range;
  const { bytes } = usage;
  const columns = useMemo(() => {
    const menu = (group: UsageGroup) => {
      const below = { prefix: group.prefix, separator };
      const pattern = group.prefix === range.prefix ? undefined : patternOf(below);
      const open = (kind: Dialog['kind']) => pattern !== undefined && onDialog({ kind, filter: pattern });
      return (
        <GroupMenu
          bucket={bucket}
          label={visibleText(labelOf(range, group.prefix))}
          filter={pattern ?? `${group.prefix}*`}
          pattern={pattern}
          blocked={blocked}
          noTtl={noTtl}
          onTtl={() => open('ttl')}
          onCompact={() => open('compact')}
          onPurge={() => open('purge')}
        />
      );
    };
    return usageColumns(range, bytes, menu);
  }, [range, bucket, separator, bytes, blocked, noTtl, onDialog]);
  const ofLargest = useMemo(() => largestColumns(bucket), [bucket]);
  return (
    <>
      <Treemap label="Bytes by prefix, as areas" items={tilesOf(range, usage)} />
      <DataTable
        label="Bytes by prefix"
        rows={usage.groups}
        columns={columns}
        rowId={({ prefix }) => prefix}
        sort={{ id: 'bytes', desc: true }}
      />
      {usage.othersBytes > 0 && (
        <Alert color="gray" mt="sm">
          {formatBytes(usage.othersBytes)} more are in groups beyond the first thousand. Go into a prefix, or
          choose another separator, to see them.
        </Alert>
      )}
      {usage.largest.length > 0 && (
        <>
          <Title order={2} size="h4" mt="lg" mb="xs">
            Largest values
          </Title>
          <DataTable
            label="Largest values"
            rows={usage.largest}
            columns={ofLargest}
            rowId={({ key }) => key}
            sort={{ id: 'size', desc: true }}
          />
        </>
      )}
    </>
  );
}

/** From the whole bucket down to the prefix that is open. */
function Path({ range }: { range: UsageRange }) {
  const { bucket, prefix, separator } = range;
  const parts = prefix.split(separator).slice(0, -1);
  if (parts.length === 0) return null;
  const whole = withQuery(pathTo('buckets', bucket, 'usage'), {
    separator: separator === '.' ? undefined : separator,
  });
  return (
    <Breadcrumbs aria-label="Prefix" component="nav" separatorMargin={6}>
      <Link to={whole} size="sm">
        Whole bucket
      </Link>
      {parts.map((part, index) => {
        const begin = parts.slice(0, index + 1).join(separator) + separator;
        const to = addressOf(range, begin);
        const name = visibleText(part + separator);
        return to === undefined ? (
          <Text key={begin} size="sm" className="mono">
            {name}
          </Text>
        ) : (
          <Link key={begin} to={to} size="sm" className="mono">
            {name}
          </Link>
        );
      })}
    </Breadcrumbs>
  );
}

function tilesOf(range: UsageRange, { groups, bytes }: Usage) {
  const shown = groups.slice(0, MAPPED).map(group => ({
    id: group.prefix,
    label: labelOf(range, group.prefix),
    bytes: group.bytes,
    to: addressOf(range, group.prefix),
  }));
  const rest = bytes - shown.reduce((sum, tile) => sum + tile.bytes, 0);
  return rest > 0 ? [...shown, { id: '\u0000rest', label: 'all others', bytes: rest, to: undefined }] : shown;
}

function progressOf({ groups, bytes, bucketBytes, scanned }: Usage): string {
  const of = bytes === bucketBytes ? '' : ` of ${formatBytes(bucketBytes)}`;
  return `${formatBytes(bytes)}${of} in ${plural(groups.length, 'group')}, ${formatCount(scanned)} looked at`;
}

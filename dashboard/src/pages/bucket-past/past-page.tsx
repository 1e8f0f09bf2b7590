import { Alert, Group } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useInvoke } from '../../api/use-invoke.ts';
import { BucketHeader } from '../../components/bucket-header.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { ScanStatus } from '../../components/scan-status.tsx';
import { TakenBox } from '../../components/text-box.tsx';
import { ValueDiff } from '../../components/value-diff.tsx';
import { useScan } from '../../hooks/use-scan.ts';
import { plural } from '../../lib/format.ts';
import { momentWords, readMoment } from '../../lib/moment.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { useQueryState } from '../../router/location.ts';
import { whyReadOnly } from '../bucket-keys/bucket-notice.tsx';
import type { PageProps } from '../page-definition.ts';
import { type Differences, findDifferences } from './differences.ts';
import { DifferencesTable } from './differences-table.tsx';
import { MomentField, QuickMoments } from './moment-field.tsx';
import { RestoreDialog } from './restore-dialog.tsx';

/** What changed in a bucket between two moments, and a way back. */
export default function PastPage({ params: { bucket = '' } }: PageProps) {
  const [query, changeQuery] = useQueryState();
  const [sinceText, untilText] = [query.get('since') ?? '', query.get('until') ?? ''];
  const filter = query.get('filter') ?? '';
  const [open, setOpen] = useState<string>();
  const [restoring, setRestoring] = useState<string>();
  const info = useInvoke('kv-bucket-info', { bucket }).data;
  const { scan, start, cancel } = useScan<Differences>();
  const since = useMemo(() => readMoment(sinceText), [sinceText]);
  const until = useMemo(() => readMoment(untilText), [untilText]);
  const look = useCallback(() => {
    setOpen(undefined);
    if (since) start(findDifferences({ bucket, filter, since, until }));
  }, [bucket, filter, since, until, start]);
  useEffect(look, [look]);
  const items = scan.result?.items ?? [];
  const compared = items.find(({ key }) => key === open);
  const blocked = whyReadOnly(info);
  return (
    <>
      <BucketHeader
        bucket={bucket}
        open="past"
        subtitle={`What changed between two moments, and a way back. ${keeps(info?.history)}`}
      />
      <Group align="flex-start" gap="sm" mb="md">
        <MomentField label="Since" value={sinceText} onChange={next => changeQuery({ since: next })} />
        <QuickMoments onChoose={next => changeQuery({ since: next })} />
        <MomentField label="Until" value={untilText} now onChange={next => changeQuery({ until: next })} />
        <TakenBox
          label="Keys"
          size="xs"
          placeholder="all, or user.>"
          value={filter}
          onChange={next => changeQuery({ filter: next })}
        />
      </Group>
      {!since && (
        <EmptyState title="Choose a moment">
          Name a revision of the bucket, how long ago, or a date and time, and see what has changed since.
        </EmptyState>
      )}
      {since && (
        <Group justify="space-between" mb="xs" mih={30}>
          <ScanStatus
            scan={scan}
            what={`${plural(items.length, 'key')} changed since ${momentWords(since)}`}
            onCancel={cancel}
          />
          <Guarded
            calls="kv-bucket-restore-at"
            bucket={bucket}
            blocked={blocked}
            size="xs"
            variant="default"
            disabled={items.length === 0}
            onClick={() => setRestoring(filter)}
          >
            {filter === '' ? 'Restore the bucket' : 'Restore these keys'}
          </Guarded>
        </Group>
      )}
      {scan.kind === 'failed' && (
        <ErrorNotice error={scan.error} title="It cannot be compared" onRetry={look} mb="sm" />
      )}
      {scan.result?.cut && (
        <Alert color="gray" mb="sm">
          These are the first keys that differ; there are more. A pattern of keys shows fewer at a time.
        </Alert>
      )}
      {since && scan.kind === 'done' && items.length === 0 && (
        <EmptyState title="Nothing has changed">Every key is as it was {momentWords(since)}.</EmptyState>
      )}
      {items.length > 0 && (
        <DifferencesTable
          bucket={bucket}
          items={items}
          open={open}
          blocked={blocked}
          onOpen={setOpen}
          onRestore={setRestoring}
        />
      )}
      {compared && (
        <section aria-label={`${visibleText(compared.key)} then and later`} style={{ marginTop: 16 }}>
          <ValueDiff
            left={compared.before}
            right={compared.after}
            leftLabel={compared.before ? `Revision ${compared.before.sequence}` : 'Not there'}
            rightLabel={compared.after ? `Revision ${compared.after.sequence}` : 'Not there'}
          />
        </section>
      )}
      {restoring !== undefined && since && (
        <RestoreDialog
          restored={{ bucket, filter: restoring, at: since }}
          onDone={look}
          onClose={() => setRestoring(undefined)}
        />
      )}
    </>
  );
}

function keeps(history: number | undefined): string {
  if (history === undefined) return '';
  return history === 1
    ? 'The bucket keeps one revision of each key, so older values are gone.'
    : `The bucket keeps ${history} revisions of each key.`;
}

import { Box, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { countColumn, textColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Notice } from '../../components/notice.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { WorkProgress } from '../../components/work-progress.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';
import type { ImportProgress } from './import-file.ts';
import { download } from './sink.ts';
import type { ImportState } from './use-import.ts';

const SHOWN = 100;

/** How the import goes, and how it went. */
export function ImportResult({
  state,
  size,
  bucket,
  onCancel,
}: {
  state: Exclude<ImportState, { kind: 'idle' }>;
  size: number;
  bucket: string;
  onCancel(): void;
}) {
  const { progress } = state;
  if (state.kind === 'running') {
    const waits = progress?.waiting ? 'Waiting for the server, and then it goes on. ' : '';
    return (
      <WorkProgress
        work="the import"
        words={progress ? waits + summary(progress) : 'Beginning'}
        share={(progress?.bytesRead ?? 0) / Math.max(1, size)}
        onCancel={onCancel}
      />
    );
  }
  const fine = state.kind === 'done' && state.progress.failed === 0 && !state.cancelled;
  return (
    <Stack gap="sm">
      {state.kind === 'failed' && <ErrorNotice error={state.error} title="The import stopped" />}
      {progress && (
        <Notice color={fine ? 'teal' : 'orange'} icon={fine ? IconCircleCheck : IconAlertTriangle} mb={0}>
          {state.kind === 'done' && state.cancelled ? 'Cancelled. ' : ''}
          {summary(progress)}{' '}
          <Link to={pathTo('buckets', bucket)} c="inherit" inherit underline="always">
            Open {bucket}
          </Link>
        </Notice>
      )}
      {progress && progress.failed > 0 && <Failed progress={progress} bucket={bucket} />}
    </Stack>
  );
}

function Failed({ progress: { failed, failedLines }, bucket }: { progress: ImportProgress; bucket: string }) {
  const texts = failedLines.flatMap(({ text }) => (text === undefined ? [] : [`${text}\n`]));
  const save = () => download(new Blob(texts, { type: 'application/x-ndjson' }), `${bucket}-failed.ndjson`);
  return (
    <Box>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          {plural(failed, 'line')} failed
        </Text>
        <SmallButton leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>
          Download {texts.length < failed ? `${formatCount(texts.length)} of these lines` : 'these lines'}
        </SmallButton>
      </Group>
      <DataTable
        label="Lines that failed"
        rows={failedLines.slice(0, SHOWN)}
        columns={FAILED}
        rowId={({ line }) => String(line)}
        minWidth={480}
        maxHeight={260}
      />
    </Box>
  );
}

const FAILED: readonly Column<ImportProgress['failedLines'][number]>[] = [
  countColumn('line', 'Line', ({ line }) => line),
  textColumn('key', 'Key', ({ key }) => key),
  textColumn('error', 'Error', ({ code, message }) => `${code} ${message}`),
];

function summary({ imported, skipped, expired, renewed, failed }: ImportProgress): string {
  const parts = [
    `${plural(imported, 'value')} imported`,
    ...(skipped > 0 ? [`${formatCount(skipped)} skipped: their keys exist`] : []),
    ...(expired > 0 ? [`${formatCount(expired)} left out: their time is over`] : []),
    ...(renewed > 0 ? [`${formatCount(renewed)} with the bucket's whole ttl anew`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ];
  return `${parts.join('; ')}.`;
}

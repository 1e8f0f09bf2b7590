import { Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { WorkProgress } from '../../components/work-progress.tsx';
import { useScan } from '../../hooks/use-scan.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { BucketSelect } from './bucket-select.tsx';
import { type ExportProgress, exportBucket } from './export-bucket.ts';
import { openSink } from './sink.ts';

/** What {@link ExportPanel} is given. */
export interface ExportPanelProps {
  bucket: string;
  filter: string;
  onChange(values: { bucket?: string; filter?: string }): void;
}

/** A bucket, or the keys of a pattern, into a file. */
export function ExportPanel({ bucket, filter, onChange }: ExportPanelProps) {
  const { scan, start, cancel } = useScan<ExportProgress>();
  const [file, setFile] = useState({ name: '', tookMs: 0 });
  const { data, error } = useInvoke('kv-bucket-info', { bucket }, { enabled: bucket !== '' });

  async function save(): Promise<void> {
    const sink = await openSink(`${bucket}.ndjson`);
    if (!sink) return;
    const started = Date.now();
    start(async (signal, tell) => {
      tell({ records: 0, bytes: 0 });
      tell(await exportBucket({ bucket, filter }, sink, { onProgress: tell, signal }));
      setFile({ name: sink.name, tookMs: Math.max(1, Date.now() - started) });
    });
  }

  const { kind, result: { records, bytes } = { records: 0, bytes: 0 } } = scan;
  const total = filter === '' ? data?.values : undefined;
  const of = total === undefined ? ' values' : ` of ${plural(total, 'value')}`;
  return (
    <Panel title="Export">
      <Stack gap="sm">
        <BucketSelect label="Bucket to export" value={bucket} onChange={name => onChange({ bucket: name })} />
        <TextBox
          label="Keys"
          description="A key, a pattern such as user.*, or a search: *part of a name*, /re/, value:word, size>10k. Empty: every key."
          placeholder="user.*"
          value={filter}
          onChange={text => onChange({ filter: text })}
          code
        />
        <Muted>
          {data ? `${plural(data.values, 'value')}, ${formatBytes(data.bytes)} in the bucket. ` : ''}
          The file has each live value with its revision, the time it was written and what is left of its time
          to live, and in its first line the options of the bucket. Older revisions and deleted keys are not
          in it.
        </Muted>
        {kind === 'running' ? (
          <WorkProgress
            work="the export"
            words={`${formatCount(records)}${of}, ${formatBytes(bytes)}`}
            share={total ? records / total : undefined}
            onCancel={cancel}
          />
        ) : (
          <Group justify="flex-end">
            <Guarded
              calls="kv-bucket-export"
              bucket={bucket}
              blocked={bucket === '' ? 'Choose a bucket first.' : undefined}
              icon={IconDownload}
              onClick={() => void save()}
            >
              Export
            </Guarded>
          </Group>
        )}
        {kind === 'idle' && error && <ErrorNotice error={error} />}
        {kind === 'done' && (
          <Text size="sm" role="status" c="var(--kv-good)" className="wrap">
            Exported {plural(records, 'value')} ({formatBytes(bytes)}) into {file.name} in{' '}
            {durationWords(file.tookMs * 1_000_000)}.
          </Text>
        )}
        {kind === 'failed' && (
          <ErrorNotice error={scan.error} title="The export did not work" onRetry={() => void save()} />
        )}
      </Stack>
    </Panel>
  );
}

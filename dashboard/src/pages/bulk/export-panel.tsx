import { Box, Button, Group, Progress, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { BucketSelect } from './bucket-select.tsx';
import classes from './bulk.module.css';
import type { ExportProgress } from './export-bucket.ts';
import { exportBucket } from './export-bucket.ts';
import { openSink } from './sink.ts';

type State =
  | { kind: 'idle' }
  | { kind: 'running'; progress: ExportProgress }
  | { kind: 'done'; progress: ExportProgress; name: string; tookMs: number }
  | { kind: 'failed'; error: unknown };

/** A bucket, or the keys of a pattern, into a file. */
export function ExportPanel({
  bucket,
  filter,
  onChange,
}: {
  bucket: string;
  filter: string;
  onChange(values: { bucket?: string; filter?: string }): void;
}) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const running = useRef<AbortController>(undefined);
  const { data, error } = useInvoke('kv-bucket-info', { bucket }, { enabled: bucket !== '' });
  useEffect(() => () => running.current?.abort(), []);

  function begin(): AbortController {
    const controller = new AbortController();
    running.current = controller;
    return controller;
  }

  async function start(): Promise<void> {
    const sink = await openSink(`${bucket}.ndjson`);
    if (!sink) return;
    const { signal } = begin();
    const started = Date.now();
    const onProgress = (progress: ExportProgress) => setState({ kind: 'running', progress });
    onProgress({ records: 0, bytes: 0 });
    try {
      const progress = await exportBucket({ bucket, filter }, sink, { onProgress, signal });
      setState({ kind: 'done', progress, name: sink.name, tookMs: Date.now() - started });
    } catch (error) {
      setState(signal.aborted ? { kind: 'idle' } : { kind: 'failed', error });
    }
  }

  const total = filter === '' ? data?.values : undefined;
  return (
    <Box component="section" className={classes.panel} aria-label="Export">
      <Title order={2} size="h4" mb="sm">
        Export
      </Title>
      <Stack gap="sm">
        <BucketSelect label="Bucket to export" value={bucket} onChange={name => onChange({ bucket: name })} />
        <TextInput
          label="Keys"
          description="A key, a pattern such as user.*, or a search: *part of a name*, /re/, value:word, size>10k. Empty: every key."
          placeholder="user.*"
          value={filter}
          onChange={event => onChange({ filter: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <Text size="sm" c="dimmed">
          {data ? `${plural(data.values, 'value')}, ${formatBytes(data.bytes)} in the bucket. ` : ''}
          The file has each live value with its revision, the time it was written and what is left of its time
          to live, and in its first line the options of the bucket. Older revisions and deleted keys are not
          in it.
        </Text>
        {state.kind === 'running' ? (
          <Running progress={state.progress} total={total} onCancel={() => running.current?.abort()} />
        ) : (
          <Group justify="flex-end">
            <Guarded
              calls="kv-bucket-export"
              bucket={bucket}
              blocked={bucket === '' ? 'Choose a bucket first.' : undefined}
              leftSection={<IconDownload size={16} aria-hidden />}
              onClick={() => void start()}
            >
              Export
            </Guarded>
          </Group>
        )}
        {state.kind === 'idle' && error && <ErrorNotice error={error} />}
        {state.kind === 'done' && (
          <Text size="sm" role="status" c="var(--kv-good)" className="wrap">
            Exported {plural(state.progress.records, 'value')} ({formatBytes(state.progress.bytes)}) into{' '}
            {state.name} in {durationWords(Math.max(1, state.tookMs) * 1_000_000)}.
          </Text>
        )}
        {state.kind === 'failed' && (
          <ErrorNotice error={state.error} title="The export did not work" onRetry={() => void start()} />
        )}
      </Stack>
    </Box>
  );
}

function Running({
  progress: { records, bytes },
  total,
  onCancel,
}: {
  progress: ExportProgress;
  total: number | undefined;
  onCancel(): void;
}) {
  const percent = total ? Math.min(100, (records / total) * 100) : 100;
  return (
    <Stack gap={6}>
      <Progress value={percent} animated={total === undefined} aria-label="Progress of the export" />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" className="num">
          {formatCount(records)}
          {total === undefined ? ' values' : ` of ${plural(total, 'value')}`}, {formatBytes(bytes)}
        </Text>
        <Button variant="default" size="compact-sm" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

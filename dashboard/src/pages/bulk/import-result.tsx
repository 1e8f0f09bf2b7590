import { Alert, Box, Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { pathTo } from '../../router/location.ts';
import classes from './bulk.module.css';
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
  if (state.kind === 'running') return <Running progress={state.progress} size={size} onCancel={onCancel} />;
  const { progress } = state;
  const fine = state.kind === 'done' && state.progress.failed === 0 && !state.cancelled;
  return (
    <Stack gap="sm">
      {state.kind === 'failed' && <ErrorNotice error={state.error} title="The import stopped" />}
      {progress && (
        <Alert
          role="status"
          color={fine ? 'teal' : 'orange'}
          variant="light"
          py={8}
          icon={
            fine ? <IconCircleCheck size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />
          }
        >
          {state.kind === 'done' && state.cancelled ? 'Cancelled. ' : ''}
          {summary(progress)}{' '}
          <Link to={pathTo('buckets', bucket)} c="inherit" inherit underline="always">
            Open {bucket}
          </Link>
        </Alert>
      )}
      {progress && progress.failed > 0 && <Failed progress={progress} bucket={bucket} />}
    </Stack>
  );
}

function Running({
  progress,
  size,
  onCancel,
}: {
  progress: ImportProgress | undefined;
  size: number;
  onCancel(): void;
}) {
  return (
    <Stack gap={6}>
      <Progress
        value={((progress?.bytesRead ?? 0) / Math.max(1, size)) * 100}
        animated
        aria-label="Progress of the import"
      />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" className="num" role="status">
          {progress?.waiting ? 'Waiting for the server, and then it goes on. ' : ''}
          {progress ? summary(progress) : 'Beginning'}
        </Text>
        <Button variant="default" size="compact-sm" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
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
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={save}
        >
          Download {texts.length < failed ? `the first ${formatCount(texts.length)}` : 'these lines'}
        </Button>
      </Group>
      <Box className={classes.lines} tabIndex={0} role="region" aria-label="Lines that failed">
        <Table verticalSpacing={4} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">Line</Table.Th>
              <Table.Th>Key</Table.Th>
              <Table.Th>Error</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {failedLines.slice(0, SHOWN).map(({ line, key, code, message }) => (
              <Table.Tr key={line}>
                <Table.Td ta="right" c="dimmed" className="num">
                  {formatCount(line)}
                </Table.Td>
                <Table.Td className="mono">{key}</Table.Td>
                <Table.Td title={message}>
                  <span className="mono">{code}</span> {message}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Box>
  );
}

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

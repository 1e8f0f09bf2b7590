import { Alert, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAction, useInvoke } from '../../api/use-invoke.ts';
import { CodeEditor } from '../../components/code-editor.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { JsonPreview } from '../../components/json-preview.tsx';
import { Muted } from '../../components/muted.tsx';
import { Segments } from '../../components/segments.tsx';
import { plural } from '../../lib/format.ts';
import { notify } from '../../lib/notify.ts';
import { BucketSelect } from '../bulk/bucket-select.tsx';
import { download } from '../bulk/sink.ts';
import { keepCapture } from '../scripts/captures.ts';
import { asLines, eventOf, replay, valueEvents } from './captured.ts';
import type { Row } from './feed.ts';

const USES = { script: 'Test a script', bucket: 'Write to a bucket', file: 'Save as a file' };
const OWN = 'A script of your own';

/** What can be done with changes that were captured, the oldest first. They stay as they are while others come. */
export function CaptureDialog({ rows, onClose }: { rows: readonly Row[]; onClose(): void }) {
  const [use, setUse] = useState<keyof typeof USES>('script');
  return (
    <Modal opened onClose={onClose} title={`${plural(rows.length, 'change')} captured`} size="xl">
      <Stack>
        <Segments size="sm" label="What to do with them" value={use} onChange={setUse} of={USES} />
        {use === 'script' && <TestScript rows={rows} />}
        {use === 'bucket' && <WriteBucket rows={rows} onClose={onClose} />}
        {use === 'file' && (
          <Group justify="space-between">
            <Text size="sm">One line of JSON for each change, the oldest first.</Text>
            <Button
              onClick={() =>
                download(new Blob([asLines(rows)], { type: 'application/x-ndjson' }), 'changes.ndjson')
              }
            >
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}

/** Runs a script over them; nothing is stored. */
function TestScript({ rows }: { rows: readonly Row[] }) {
  const values = valueEvents(rows);
  const [shape, setShape] = useState(values.length > 0 ? 'values' : 'changes');
  const [script, setScript] = useState(OWN);
  const [text, setText] = useState('return $');
  const { data } = useInvoke('transform-script-list', {});
  const test = useAction('transform-test', { refresh: [] });
  const events = shape === 'values' ? values : rows.map(eventOf);
  const [first] = test.data?.tests ?? [];
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <Select
          label="Script"
          data={[OWN, ...(data?.scripts.map(({ script_id }) => script_id) ?? [])]}
          value={script}
          allowDeselect={false}
          onChange={chosen => setScript(chosen ?? OWN)}
        />
        <Select
          label="Events"
          data={[
            { value: 'values', label: `The values that are objects (${values.length})` },
            { value: 'changes', label: `The changes: key, value, operation (${rows.length})` },
          ]}
          value={shape}
          allowDeselect={false}
          onChange={chosen => setShape(chosen ?? 'changes')}
        />
      </Group>
      {script === OWN && (
        <CodeEditor value={text} onChange={setText} language="text" label="Script" height={120} />
      )}
      <Group justify="space-between">
        <Muted>A dry run: nothing is stored in $kv.</Muted>
        <Button variant="default" onClick={() => keep(rows)}>
          Keep for scripts
        </Button>
        <Guarded
          calls="transform-test"
          loading={test.isPending}
          disabled={events.length === 0}
          onClick={() =>
            test.mutate({ ...(script === OWN ? { script: text } : { script_id: script }), events })
          }
        >
          {`Run on ${plural(events.length, 'event')}`}
        </Guarded>
      </Group>
      {test.error && <ErrorNotice error={test.error} title="The script failed" />}
      {first && !test.error && (
        <JsonPreview
          value={{
            ...(first.differences.length > 0 && { failed: first.differences }),
            events: first.events,
            writes: first.writes,
            logs: first.logs,
          }}
          label={`${plural(first.events.length, 'event')} came out`}
        />
      )}
    </Stack>
  );
}

/** From now on the page of a script offers them. */
function keep(rows: readonly Row[]): void {
  const buckets = [...new Set(rows.map(({ bucket }) => bucket))];
  const where = buckets.length === 1 ? buckets[0] : plural(buckets.length, 'bucket');
  const name = `${where}, ${new Date().toLocaleTimeString()}: ${plural(rows.length, 'change')}`;
  keepCapture({ name, text: asLines(rows) });
  notify('Kept while this page is open. On the page of a script, From a capture takes it.');
}

/** Takes another bucket's keys to where these changes left them. */
function WriteBucket({ rows, onClose }: { rows: readonly Row[]; onClose(): void }) {
  const [bucket, setBucket] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const keys = new Set(rows.map(({ key }) => key)).size;
  const lost = rows.filter(({ forgotten }) => forgotten).length;

  async function write(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      notify(`${plural(await replay(rows, bucket), 'key')} of ${bucket} written.`);
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  }

  return (
    <Stack gap="sm">
      <BucketSelect
        label="Bucket"
        value={bucket}
        onChange={setBucket}
        description="Each key is taken to where its last change left it: written, deleted or purged."
      />
      {lost > 0 && (
        <Alert color="orange" py={8}>
          {plural(lost, 'large value')} of these changes are no longer kept here, and are left out.
        </Alert>
      )}
      {error !== undefined && <ErrorNotice error={error} title="Not all of it was written" />}
      <Group justify="flex-end">
        <Guarded
          calls="kv-key-put"
          bucket={bucket}
          loading={busy}
          blocked={bucket === '' ? 'Choose a bucket.' : undefined}
          onClick={() => void write()}
        >
          {`Write ${plural(keys, 'key')}`}
        </Guarded>
      </Group>
    </Stack>
  );
}

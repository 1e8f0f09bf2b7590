import { Checkbox, Group, Input, SegmentedControl, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useInvoke } from '../../api/use-invoke.ts';
import { Guarded } from '../../components/guarded.tsx';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import { plural } from '../../lib/format.ts';
import { BucketSelect } from './bucket-select.tsx';
import { FileDrop } from './file-drop.tsx';
import type { ImportTarget } from './import-file.ts';
import { ImportResult } from './import-result.tsx';
import { ScanView } from './scan-view.tsx';
import type { Import } from './use-import.ts';
import { useImport } from './use-import.ts';

type OnConflict = ImportTarget['onConflict'];

const CHOICES: { value: OnConflict; label: string; meaning: string }[] = [
  {
    value: 'skip',
    label: 'Skip',
    meaning: 'What is there stays. An import that broke off goes on this way.',
  },
  { value: 'overwrite', label: 'Overwrite', meaning: 'What is there is replaced by what the file has.' },
  { value: 'fail', label: 'Stop', meaning: 'The import stops at the first key that exists.' },
];

/** A file into a bucket: what is in it is shown before anything is sent. */
export function ImportPanel({ bucket, onBucket }: { bucket: string; onBucket(bucket: string): void }) {
  const work = useImport();
  const { file, scan, state } = work;
  const [onConflict, setOnConflict] = useState<OnConflict>('skip');
  const [create, setCreate] = useState(false);
  const running = state.kind === 'running';
  const blocked = useBlocked(work, bucket);
  const start = () => void work.start({ bucket, onConflict }, create ? scan?.header : undefined);
  return (
    <Panel title="Import">
      <Stack gap="sm">
        <FileDrop file={file} onFile={work.choose} disabled={running} />
        {file && scan && <ScanView scan={scan} size={file.size} />}
        <BucketSelect label="Bucket to import into" value={bucket} onChange={onBucket} free />
        {scan?.header && (
          <Checkbox
            label="Create the bucket, if it is not there, with the options of the export"
            checked={create}
            onChange={event => setCreate(event.currentTarget.checked)}
          />
        )}
        <Input.Wrapper label="Keys that exist" labelElement="div">
          <Group gap="sm">
            <SegmentedControl
              aria-label="Keys that exist"
              value={onConflict}
              onChange={setOnConflict}
              data={CHOICES.map(({ value, label }) => ({ value, label }))}
            />
            <Muted>{CHOICES.find(({ value }) => value === onConflict)?.meaning}</Muted>
          </Group>
        </Input.Wrapper>
        {!running && (
          <Group justify="flex-end">
            <Guarded
              calls="kv-bucket-import"
              bucket={bucket}
              blocked={blocked}
              icon={IconUpload}
              {...(onConflict === 'overwrite' && { color: 'red' })}
              onClick={start}
            >
              {scan?.done ? `Import ${plural(scan.records, 'value')}` : 'Import'}
            </Guarded>
          </Group>
        )}
        {file && state.kind !== 'idle' && (
          <ImportResult state={state} size={file.size} bucket={bucket} onCancel={work.cancel} />
        )}
      </Stack>
    </Panel>
  );
}

/** Why it cannot begin yet. */
function useBlocked({ file, scan }: Import, bucket: string): string | undefined {
  const { data } = useInvoke('kv-bucket-list', {});
  if (!file) return 'Choose a file first.';
  if (!scan?.done) return 'The file is still being read.';
  if (scan.records === 0) return 'There is nothing in the file that could be imported.';
  if (bucket === '') return 'Choose a bucket first.';
  const target = data?.buckets.find(info => info.bucket === bucket);
  return target?.read_only ? `${bucket} is read-only: nothing can be written to it.` : undefined;
}

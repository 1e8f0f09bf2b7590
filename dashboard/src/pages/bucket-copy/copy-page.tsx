import { Alert, Button, Code, Group, List, Select, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { refreshFunctions } from '../../api/use-invoke.ts';
import { BucketHeader } from '../../components/bucket-header.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { ScanStatus } from '../../components/scan-status.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { useScan } from '../../hooks/use-scan.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, useQueryState } from '../../router/location.ts';
import { BucketSelect } from '../bulk/bucket-select.tsx';
import type { PageProps } from '../page-definition.ts';
import { type Asked, callOf } from './copy-call.ts';
import { type Copying, copyKeys } from './copying.ts';
import { OtherKvflow } from './other-kvflow.tsx';

type Conflict = Asked['conflict'];

const RULES = [
  { value: 'skip', label: 'Leave it as it is' },
  { value: 'overwrite', label: 'Write over it' },
  { value: 'fail', label: 'End the copy' },
];

/** Copies keys to another bucket or under another prefix: first it is counted, then it is done. */
export default function CopyPage({ params: { bucket = '' } }: PageProps) {
  const [query] = useQueryState();
  const [to, setTo] = useState('');
  const [found, setFound] = useState(query.get('filter') ?? '');
  const [prefix, setPrefix] = useState('');
  const [toPrefix, setToPrefix] = useState('');
  const [conflict, setConflict] = useState<Conflict>('skip');
  const [other, setOther] = useState<Asked['other']>();
  const preview = useScan<Copying>();
  const action = useScan<Copying>();
  const [counted, setCounted] = useState<string>();
  const call = useMemo(
    () => callOf({ bucket, other, to, found, prefix, toPrefix, conflict }),
    [bucket, other, to, found, prefix, toPrefix, conflict],
  );
  const target = call.input.to_bucket ?? bucket;
  const isCounted = counted === JSON.stringify(call);
  const planned = isCounted ? preview.scan.result : undefined;
  const running = action.scan.kind === 'running';
  const done = isCounted ? action.scan.result : undefined;
  const missing = missingIn({ other, same: (to === '' || to === bucket) && prefix === toPrefix });

  function count(): void {
    setCounted(JSON.stringify(call));
    action.cancel();
    preview.start(copyKeys(call, true));
  }

  function copy(): void {
    action.start(async (signal, tell) => {
      await copyKeys(call, false)(signal, tell);
      await refreshFunctions('kv-bucket-list', 'kv-bucket-info', 'kv-key-list');
    });
  }

  const error = isCounted ? (action.scan.error ?? preview.scan.error) : undefined;
  return (
    <>
      <BucketHeader
        bucket={bucket}
        open="copy"
        subtitle="Copies live keys with their content type, metadata and what is left of their time, to another bucket, another kvflow, a NATS or under another prefix."
      />
      <Stack maw={640} gap="sm">
        <TextBox
          label="Which keys"
          description="As in the field of the keys: part of a name, user.*, /re/, value:word, size>10k. Empty: all."
          value={found}
          onChange={setFound}
          disabled={running}
          {...CODE}
        />
        <OtherKvflow other={other} onChange={setOther} disabled={running} />
        {other ? (
          <TextBox
            label="To bucket"
            description="A bucket there. Empty: the one of the same name."
            value={to}
            onChange={text => setTo(text.trim())}
            disabled={running}
            {...CODE}
          />
        ) : (
          <BucketSelect
            label="To bucket"
            value={to}
            onChange={setTo}
            description="This bucket, where none is chosen."
          />
        )}
        <Group grow align="flex-start">
          <TextBox
            label="Beginning of the keys"
            description="Only such keys are copied"
            placeholder="app."
            value={prefix}
            onChange={text => {
              if (toPrefix === prefix) setToPrefix(text);
              setPrefix(text);
            }}
            disabled={running}
            {...CODE}
          />
          <TextBox
            label="Becomes"
            description="Beginning of the copies' keys"
            placeholder="backup.app."
            value={toPrefix}
            onChange={setToPrefix}
            disabled={running}
            {...CODE}
          />
        </Group>
        <Select
          label="A key that is there already"
          data={other ? RULES.filter(({ value }) => value !== 'fail') : RULES}
          value={conflict}
          allowDeselect={false}
          onChange={chosen => setConflict((chosen as Conflict | null) ?? 'skip')}
          disabled={running}
        />
        {planned && (
          <Alert
            color={planned.copied > 0 ? 'blue' : 'gray'}
            role="status"
            title={titleOf(planned, done, action.scan.kind)}
          >
            {words(done ?? planned)} Copies go to{' '}
            {other ? (
              `${visibleText(target)} of ${other.url.trim()}`
            ) : (
              <Link to={pathTo('buckets', target)} inherit c="inherit" underline="always">
                {visibleText(target)}
              </Link>
            )}
            .
          </Alert>
        )}
        {done && done.failed.length > 0 && (
          <List size="sm" aria-label="Keys that were not copied">
            {done.failed.map(({ key, error: { message } }) => (
              <List.Item key={key} className="wrap">
                <Code>{visibleText(key)}</Code> {message}
              </List.Item>
            ))}
          </List>
        )}
        {error !== undefined && <ErrorNotice error={error} title="The copy did not work" />}
        <Group justify="flex-end" gap="xs">
          {running && (
            <ScanStatus
              scan={action.scan}
              what={
                done && planned ? `${formatCount(done.copied)} of ${formatCount(planned.copied)}` : 'Copying…'
              }
              share={
                done && planned
                  ? (done.copied + done.skipped) / Math.max(1, planned.copied + planned.skipped)
                  : undefined
              }
              onCancel={action.cancel}
            />
          )}
          <Button
            variant="default"
            onClick={count}
            loading={preview.scan.kind === 'running'}
            disabled={running || missing !== undefined}
            title={missing}
          >
            Preview
          </Button>
          <Guarded
            calls={call.function}
            bucket={other ? bucket : target}
            blocked={planned ? undefined : 'See the preview first: nothing is written before.'}
            disabled={
              running || action.scan.kind === 'done' || planned?.copied === 0 || preview.scan.kind !== 'done'
            }
            onClick={copy}
          >
            {planned ? `Copy ${plural(planned.copied, 'key')}` : 'Copy'}
          </Guarded>
        </Group>
      </Stack>
    </>
  );
}

const CODE = {
  autoComplete: 'off',
  spellCheck: false,
  styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } },
} as const;

/** What has to be said before it can be counted. */
function missingIn({ other, same }: { other: Asked['other']; same: boolean }): string | undefined {
  if (other) return URL.canParse(other.url.trim()) ? undefined : 'Say where it goes.';
  return same ? 'Choose another bucket, or another prefix.' : undefined;
}

function titleOf(planned: Copying, done: Copying | undefined, kind: string): string {
  if (kind === 'cancelled' && done) return `Ended early: ${plural(done.copied, 'key')} copied`;
  if (done) return `${plural(done.copied, 'key')} copied`;
  return `${plural(planned.copied, 'key')} will be copied`;
}

function words({ skipped, failed }: Copying): string {
  const left = skipped > 0 ? `${plural(skipped, 'key')} there already. ` : '';
  return failed.length > 0 ? `${left}${plural(failed.length, 'key')} not written. ` : left;
}

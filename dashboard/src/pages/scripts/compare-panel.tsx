import { Checkbox, Group, Stack } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { CodeEditor } from '../../components/code-editor.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import { plural } from '../../lib/format.ts';
import { readCase } from './case.ts';
import { CompareResult } from './compare-result.tsx';
import { EventSource } from './event-source.tsx';
import type { Bench } from './use-bench.ts';
import type { Version } from './version.ts';

/** Runs two versions over the same events (samples, a file, a capture of Live) and shows where they differ. */
export function ComparePanel(props: { id: string; before: Version; after: Version; bench: Bench }) {
  const { id, before, after, bench } = props;
  const { samples, changeSamples, settings } = bench;
  const compare = useAction('transform-script-compare', { refresh: [] });
  const read = readCase(samples);
  const [withText, setWithText] = useState(false);
  const isText = withText && bench.changed;
  const sides = isText
    ? { before: String(after.number), script: bench.form.script }
    : { before: String(before.number), after: String(after.number) };

  function run(): void {
    if ('fault' in read) return;
    const { events, kv, variables } = read.test;
    compare.mutate({
      script_id: id,
      ...sides,
      events,
      ...(kv && { kv }),
      ...(variables && { variables }),
      ...(settings.namespace !== '' && { namespace: settings.namespace }),
      ...(settings.storedKv && { stored_kv: true }),
    });
  }

  return (
    <Panel
      label="Compare what they make of events"
      title={
        isText
          ? `What version ${after.number} and the text in the editor make of the same events`
          : `What versions ${before.number} and ${after.number} make of the same events`
      }
    >
      <Stack gap="sm">
        {bench.changed && (
          <Checkbox
            size="sm"
            label={`Version ${after.number} with the text in the editor, which is not stored yet`}
            checked={withText}
            onChange={event => setWithText(event.currentTarget.checked)}
          />
        )}
        <EventSource onEvents={events => changeSamples({ ...samples, events })} />
        <CodeEditor
          language="json"
          label="Events to compare by"
          value={samples.events}
          onChange={events => changeSamples({ ...samples, events })}
          height={150}
        />
        <Group justify="space-between" gap="xs">
          <Muted>Both begin with the same $kv, and nothing is stored.</Muted>
          <Guarded
            calls="transform-script-compare"
            icon={IconScale}
            loading={compare.isPending}
            blocked={'fault' in read ? read.fault : undefined}
            onClick={run}
          >
            {'test' in read ? `Compare over ${plural(read.test.events.length, 'event')}` : 'Compare'}
          </Guarded>
        </Group>
        <div aria-live="polite">
          {compare.error && <ErrorNotice error={compare.error} title="They were not compared" />}
          {compare.data && compare.variables && !compare.error && (
            <CompareResult
              result={compare.data}
              before={`Version ${compare.variables.before}`}
              after={
                compare.variables.after === undefined ? 'The editor' : `Version ${compare.variables.after}`
              }
            />
          )}
        </div>
      </Stack>
    </Panel>
  );
}

import { Box, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { CodeEditor } from '../../components/code-editor.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { JsonPreview } from '../../components/json-preview.tsx';
import { Muted } from '../../components/muted.tsx';
import { Panel } from '../../components/panel.tsx';
import { plural } from '../../lib/format.ts';
import { SAMPLE_EVENT } from '../sessions/examples.ts';
import { readEvents } from './case.ts';
import type { Version } from './version.ts';

const NAMESPACE = 'dashboard';

/** Runs a version of a script on one event. What it writes to `$kv` is written, in a namespace of its own. */
export function RunScript({ script, version }: { script: string; version: Version }) {
  const [text, setText] = useState(SAMPLE_EVENT);
  const [namespace, setNamespace] = useState(NAMESPACE);
  const run = useAction('transform', { refresh: ['kv-key-list', 'kv-key-tree'] });
  const read = readEvents(text);
  const [event, more] = 'events' in read ? read.events : [];
  const wrong = event && !more ? undefined : 'An event is a JSON object.';
  return (
    <Panel label="Run for real" title={`Run version ${version.number} for real, on an event`}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="sm">
          <Box>
            <CodeEditor value={text} onChange={setText} language="json" label="Event" height={170} />
            {wrong && (
              <Text size="xs" c="var(--mantine-color-error)" mt={4} role="status">
                {wrong}
              </Text>
            )}
          </Box>
          <Group align="flex-end" gap="sm">
            <TextInput
              label="Namespace"
              description="$kv is written for real, here"
              value={namespace}
              onChange={change => setNamespace(change.currentTarget.value)}
              flex={1}
            />
            <Guarded
              calls="transform"
              icon={IconPlayerPlay}
              disabled={wrong !== undefined || namespace === ''}
              loading={run.isPending}
              onClick={() => {
                if (event)
                  run.mutate({ script_id: script, script_version: version.version, event, namespace });
              }}
            >
              Run
            </Guarded>
          </Group>
        </Stack>
        <Stack gap="sm" aria-live="polite">
          {run.error && <ErrorNotice error={run.error} title="The script failed" />}
          {run.data && !run.error && (
            <>
              <JsonPreview
                value={run.data.events}
                label={
                  run.data.events.length === 0
                    ? 'The event was skipped'
                    : plural(run.data.events.length, 'event')
                }
              />
              {run.data.logs.length > 0 && (
                <CodeBlock label="What it logged">
                  {run.data.logs.map(({ level, message }) => `${level}: ${message}`).join('\n')}
                </CodeBlock>
              )}
            </>
          )}
          {!run.data && !run.error && <Muted>What the script makes of the event comes here.</Muted>}
        </Stack>
      </SimpleGrid>
    </Panel>
  );
}

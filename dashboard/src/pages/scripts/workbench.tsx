import { Alert, Group, List, Stack, Text } from '@mantine/core';
import { IconDeviceFloppy, IconPlayerPlay } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useAccess, usePermission } from '../../api/access.ts';
import { toApiError } from '../../api/api-error.ts';
import { ScriptEditor } from '../../components/code-editor.tsx';
import { DraftNotice } from '../../components/draft-notice.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Muted } from '../../components/muted.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { CasePanel } from './case-panel.tsx';
import { formOfDraft } from './script-form.ts';
import type { Bench } from './use-bench.ts';
import { useFacts } from './use-facts.ts';
import type { Tested } from './use-tester.ts';
import { visibleLines } from './visible-lines.ts';

/** Where a script is written: the editor, events to try it on, what comes of them, and the button that stores it. */
export function Workbench({ bench, id }: { bench: Bench; id: string }) {
  const { form, change, draft, put, faults } = bench;
  const facts = useFacts(bench);
  return (
    <Stack gap="sm">
      {draft.draft && (
        <DraftNotice
          draft={{ ...draft.draft, text: formOfDraft(draft.draft.text)?.script ?? '' }}
          onTake={bench.takeDraft}
          onDrop={draft.drop}
        />
      )}
      {bench.newer !== undefined && (
        <Alert color="orange" title={`Version ${bench.newer} was stored meanwhile`}>
          <Text size="sm" mb="xs">
            What you store becomes the next version all the same. Versions shows what differs.
          </Text>
          <SmallButton onClick={bench.takeNewer}>Discard my changes and take it</SmallButton>
        </Alert>
      )}
      <div className="columns">
        <Stack gap="sm" miw={0}>
          <ScriptEditor
            label="Script"
            value={form.script}
            onChange={script => change({ script })}
            height="max(300px, calc(100dvh - 400px))"
            facts={facts}
            faults={faults}
            onRun={bench.runShown}
            onSave={bench.store}
          />
          <Muted size="xs">
            Ctrl+Space completes, Ctrl+Enter tests, Ctrl+S stores, F8 goes to the next fault.
          </Muted>
          <TextBox
            label="Description"
            value={form.description}
            onChange={text => change({ description: text })}
            maxLength={4096}
          />
          {put.error !== undefined && <NotStored error={put.error} id={id} />}
          {bench.mayReturnNothing && (
            <SmallButton onClick={bench.storeWithoutReturn}>
              Store it all the same: it skips every event on purpose
            </SmallButton>
          )}
          {put.warnings.length > 0 && (
            <Told color="orange" title="Stored, although tests fail" lines={put.warnings} />
          )}
          <StoreRow bench={bench} />
        </Stack>
        <CasePanel bench={bench} />
      </div>
    </Stack>
  );
}

/** Why it was refused; tests that fail are told one by one, with what differs. */
function NotStored({ error, id }: { error: unknown; id: string }) {
  const { tests } = toApiError(error).details as { tests?: Tested[] };
  if (!tests) return <ErrorNotice error={error} title={`${id || 'The script'} was not stored`} />;
  const lines = tests.flatMap(({ name, differences }, at) =>
    differences.map(line => `${name ?? `Test ${at + 1}`}: ${line}`),
  );
  return (
    <Told color="red" title="Not stored, since its tests fail" lines={lines}>
      With TRANSFORM_FAILING_TESTS=warn kvflow stores it all the same.
    </Told>
  );
}

function Told(props: { color: string; title: string; lines: readonly string[]; children?: ReactNode }) {
  const { color, title, lines, children } = props;
  return (
    <Alert role="alert" color={color} title={title}>
      <List size="sm">
        {lines.map(line => (
          <List.Item key={line} className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
            {visibleLines(line)}
          </List.Item>
        ))}
      </List>
      {children && (
        <Text size="sm" mt="xs">
          {children}
        </Text>
      )}
    </Alert>
  );
}

/** A key that may not store is told so; one that may only read has no such button. */
function StoreRow({ bench }: { bench: Bench }) {
  const access = useAccess();
  const { allowed } = usePermission('transform-script-put');
  const { put, blocked } = bench;
  return (
    <Group justify="space-between" gap="xs">
      <Muted size="xs">
        {bench.changed ? 'Not stored yet.' : bench.base ? `As version ${bench.base}.` : ''}
      </Muted>
      {access?.read_only && !allowed ? (
        <Muted>API key "{access.name}" is read-only: a script can be tried here, and not be stored.</Muted>
      ) : (
        <Group gap="xs">
          <Guarded
            calls="transform-test"
            variant="default"
            icon={IconPlayerPlay}
            blocked={
              bench.form.tests.length === 0 ? 'There are no tests yet: keep the samples as one.' : bench.fault
            }
            onClick={bench.runTests}
          >
            Run all tests
          </Guarded>
          <Guarded
            calls="transform-script-put"
            icon={IconDeviceFloppy}
            loading={put.busy}
            blocked={allowed ? blocked : undefined}
            onClick={bench.store}
          >
            Store
          </Guarded>
        </Group>
      )}
    </Group>
  );
}

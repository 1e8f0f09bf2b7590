import { Group, Stack, Switch, Text } from '@mantine/core';
import { IconPlayerPlay, IconPlus } from '@tabler/icons-react';
import { Guarded } from '../../components/guarded.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { plural } from '../../lib/format.ts';
import { newCase, readCase } from './case.ts';
import { CaseFields } from './case-fields.tsx';
import { CaseResult } from './case-result.tsx';
import { CaseTabs } from './case-tabs.tsx';
import type { Bench } from './use-bench.ts';

/** Events that the script is tried on: samples, and the tests that are stored with it; and what comes of them. */
export function CasePanel({ bench }: { bench: Bench }) {
  const { form, shown, shownCase, change, show, tester } = bench;
  const read = readCase(shownCase);
  const result = tester.results.get(shown);

  function addTest(): void {
    const { events } = 'test' in read ? read.test : { events: [{}] };
    const added = { ...shownCase, name: `Test ${form.tests.length + 1}` };
    change({
      tests: [...form.tests, shown === 0 ? added : newCase(JSON.stringify(events, null, 2), added.name)],
    });
    show(form.tests.length + 1);
  }

  function removeTest(): void {
    change({ tests: form.tests.filter((_, at) => at !== shown - 1) });
    show(0);
  }

  return (
    <section className="pane" aria-label="Try it">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <CaseTabs bench={bench} />
          <SmallButton leftSection={<IconPlus size={14} aria-hidden />} onClick={addTest} flex="none">
            {shown === 0 ? 'Keep as a test' : 'New test'}
          </SmallButton>
        </Group>
        <CaseFields key={shown} bench={bench} onRemove={removeTest} />
        <Group justify="space-between" gap="xs">
          <Switch
            size="sm"
            label="Run as I type"
            checked={bench.watching}
            onChange={event => bench.setWatching(event.currentTarget.checked)}
          />
          <Guarded
            calls="transform-test"
            icon={IconPlayerPlay}
            loading={tester.busy}
            blocked={'fault' in read ? read.fault : undefined}
            onClick={bench.runShown}
          >
            {'test' in read ? `Test on ${plural(read.test.events.length, 'event')}` : 'Test'}
          </Guarded>
        </Group>
        {'fault' in read && (
          <Text size="xs" c="var(--mantine-color-error)" role="status">
            {read.fault}
          </Text>
        )}
        <CaseResult bench={bench} result={result} />
      </Stack>
    </section>
  );
}

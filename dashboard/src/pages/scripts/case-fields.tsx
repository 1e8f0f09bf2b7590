import { Button, Checkbox, Group, Stack, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { CodeEditor } from '../../components/code-editor.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { CASE_PARTS } from './case.ts';
import { EventSource } from './event-source.tsx';
import type { Bench } from './use-bench.ts';

/** What goes in and what has to come out, as JSON. Parts that are empty are folded. */
export function CaseFields({ bench, onRemove }: { bench: Bench; onRemove(): void }) {
  const { shownCase, changeCase, shown, settings, setSettings } = bench;
  const part = (name: keyof typeof CASE_PARTS, height: number) => (
    <CodeEditor
      language="json"
      label={CASE_PARTS[name]}
      value={shownCase[name]}
      onChange={text => changeCase({ ...shownCase, [name]: text })}
      height={height}
    />
  );
  return (
    <Stack gap={6}>
      {shown > 0 && (
        <Group gap="xs" align="flex-end">
          <TextBox
            label="Name of the test"
            value={shownCase.name}
            maxLength={128}
            onChange={text => changeCase({ ...shownCase, name: text })}
            flex={1}
          />
          <Button variant="subtle" color="red" onClick={onRemove}>
            Remove the test
          </Button>
        </Group>
      )}
      <EventSource onEvents={events => changeCase({ ...shownCase, events })} />
      {part('events', 150)}
      <Folded title={CASE_PARTS.kv} open={shownCase.kv !== ''}>
        {part('kv', 90)}
        <Checkbox
          mt={6}
          size="xs"
          label="Keys it does not have are read from the store; nothing is written there"
          checked={settings.storedKv}
          onChange={event => setSettings({ ...settings, storedKv: event.currentTarget.checked })}
        />
      </Folded>
      <Folded title={CASE_PARTS.expect} open={shownCase.expect !== ''}>
        {part('expect', 130)}
      </Folded>
      <Folded title={CASE_PARTS.expect_kv} open={shownCase.expect_kv !== ''}>
        {part('expect_kv', 90)}
      </Folded>
      <Folded title="Variables and namespace" open={shownCase.variables !== '' || settings.namespace !== ''}>
        {part('variables', 90)}
        <TextBox
          mt={6}
          label="Namespace"
          description="Whose secrets and stored $kv it sees; default"
          value={settings.namespace}
          onChange={text => setSettings({ ...settings, namespace: text })}
        />
      </Folded>
    </Stack>
  );
}

function Folded({ title, open, children }: { title: string; open: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(open);
  const Icon = opened ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton fz="sm" fw={500} aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <Icon size={14} aria-hidden style={{ verticalAlign: 'middle' }} /> {title}
      </UnstyledButton>
      {opened && children}
    </div>
  );
}

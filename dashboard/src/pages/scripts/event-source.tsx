import { Button, FileButton, Group, Menu, Text } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Muted } from '../../components/muted.tsx';
import { plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { captures, type KeptCapture } from './captures.ts';
import { MAX_EVENTS, written } from './case.ts';
import { eventsOfText } from './events-of-text.ts';

/** Takes events out of a file or a capture of Live. */
export function EventSource({ onEvents }: { onEvents(text: string): void }) {
  const kept = useStore(captures);
  const reset = useRef<() => void>(null);
  const [said, setSaid] = useState('');

  function take(text: string, from: string): void {
    const read = eventsOfText(text);
    if ('fault' in read) {
      setSaid(`${from}: ${read.fault}`);
      return;
    }
    const { events, total, what } = read;
    onEvents(written(events));
    const cut = total > MAX_EVENTS ? `; the first ${MAX_EVENTS} of ${total}` : '';
    setSaid(`${plural(events.length, what)} of ${from}${cut}.`);
  }

  return (
    <Group gap="xs">
      <Text size="sm" fw={500}>
        Events
      </Text>
      <FileButton
        resetRef={reset}
        accept=".ndjson,.jsonl,.json,.txt,application/x-ndjson"
        inputProps={{ 'aria-label': 'File of events' }}
        onChange={file => {
          reset.current?.();
          if (file) void file.text().then(text => take(text, file.name));
        }}
      >
        {props => (
          <Button
            {...props}
            size="compact-xs"
            variant="default"
            leftSection={<IconFileImport size={13} aria-hidden />}
          >
            From a file
          </Button>
        )}
      </FileButton>
      {kept.length > 0 && <Captures kept={kept} onTake={({ text, name }) => take(text, name)} />}
      <Muted size="xs" role="status">
        {said}
      </Muted>
    </Group>
  );
}

function Captures({ kept, onTake }: { kept: readonly KeptCapture[]; onTake(one: KeptCapture): void }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="compact-xs" variant="default">
          From a capture
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kept.map(one => (
          <Menu.Item key={one.name} onClick={() => onTake(one)}>
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

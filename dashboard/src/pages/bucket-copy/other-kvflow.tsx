import { Group, PasswordInput, SegmentedControl, Stack, TextInput } from '@mantine/core';
import type { Other } from './copy-call.ts';

/** What {@link OtherKvflow} is given. */
export interface OtherKvflowProps {
  other: Other | undefined;
  onChange(other: Other | undefined): void;
  disabled: boolean;
}

/** Whether it goes to another kvflow, and to which. The key stays on this page and is forgotten with it. */
export function OtherKvflow({ other, onChange, disabled }: OtherKvflowProps) {
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="Where to"
        value={other ? 'other' : 'here'}
        onChange={chosen => onChange(chosen === 'other' ? { url: '', apiKey: '' } : undefined)}
        data={[
          { value: 'here', label: 'This kvflow' },
          { value: 'other', label: 'Another kvflow' },
        ]}
        disabled={disabled}
      />
      {other && (
        <Group grow align="flex-start">
          <TextInput
            label="Its address"
            description="A URL, of a host that COPY_HOSTS names"
            value={other.url}
            onChange={event => onChange({ ...other, url: event.currentTarget.value })}
            disabled={disabled}
            autoComplete="off"
            spellCheck={false}
          />
          <PasswordInput
            label="API key there"
            description="Not kept anywhere"
            value={other.apiKey}
            onChange={event => onChange({ ...other, apiKey: event.currentTarget.value })}
            disabled={disabled}
            autoComplete="off"
          />
        </Group>
      )}
    </Stack>
  );
}

import { Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { Segments } from '../../components/segments.tsx';
import type { Other } from './copy-call.ts';

/** What {@link OtherKvflow} is given. */
export interface OtherKvflowProps {
  other: Other | undefined;
  onChange(other: Other | undefined): void;
  disabled: boolean;
}

/** Whether it goes to another kvflow or to a NATS, and to which. The key stays on this page and is forgotten with it. */
export function OtherKvflow({ other, onChange, disabled }: OtherKvflowProps) {
  const isNats = other?.kind === 'nats';
  const field = (name: 'url' | 'user') => ({
    value: other?.[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) =>
      other && onChange({ ...other, [name]: event.currentTarget.value }),
    disabled,
    autoComplete: 'off',
    spellCheck: false,
  });
  return (
    <Stack gap="xs">
      <Segments
        size="sm"
        label="Where to"
        value={other?.kind ?? 'here'}
        onChange={chosen =>
          onChange(chosen === 'here' ? undefined : { ...NOBODY, kind: chosen as Other['kind'] })
        }
        of={{ here: 'This kvflow', kvflow: 'Another kvflow', nats: 'A NATS' }}
        disabled={disabled}
      />
      {other && (
        <Group grow align="flex-start">
          <TextInput
            label="Its address"
            description={
              isNats ? 'nats:// or tls://, as COPY_HOSTS names it' : 'A URL, of a host that COPY_HOSTS names'
            }
            {...field('url')}
          />
          {isNats && <TextInput label="User" description="Nothing: by a token" {...field('user')} />}
          <PasswordInput
            label={isNats ? 'Password or token' : 'API key there'}
            description="Not kept anywhere"
            value={other.secret}
            onChange={event => onChange({ ...other, secret: event.currentTarget.value })}
            disabled={disabled}
            autoComplete="off"
          />
        </Group>
      )}
    </Stack>
  );
}

const NOBODY: Omit<Other, 'kind'> = { url: '', user: '', secret: '' };

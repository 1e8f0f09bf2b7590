import { Button, FileButton, Group, Select, Text, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Muted } from '../../components/muted.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { toBase64 } from '../../lib/bytes.ts';
import { textOf } from '../../lib/decoders/decoder.ts';
import { dropRule, keepRule, type ProtobufRule } from '../../lib/protobuf/rules.ts';
import { type ProtobufSource, readSchema } from '../../lib/protobuf/schema.ts';

/** What {@link ProtobufDialog} is given. */
export interface ProtobufDialogProps {
  bucket: string;
  keyName: string;
  /** The one that names the fields now. */
  rule: ProtobufRule | undefined;
  onClose(): void;
}

const MAX_BYTES = 512 * 1024;

/** Takes a descriptor, so that Protobuf values of a bucket or of keys that begin alike are shown by the names of their fields. */
export function ProtobufDialog({ bucket, keyName, rule, onClose }: ProtobufDialogProps) {
  const [source, setSource] = useState<ProtobufSource>(rule ?? { kind: 'text', content: '' });
  const [file, setFile] = useState<string>();
  const [prefix, setPrefix] = useState(rule?.prefix ?? keyName.slice(0, keyName.lastIndexOf('.') + 1));
  const { types, fault } = useTypes(source);
  const [chosen, choose] = useState(rule?.type);
  const type = chosen !== undefined && types.includes(chosen) ? chosen : types[0];
  const elsewhere = !keyName.startsWith(prefix);

  async function take(given: File | null): Promise<void> {
    if (!given) return;
    const bytes = new Uint8Array(await given.arrayBuffer());
    setFile(given.name);
    const text = given.name.endsWith('.proto') ? textOf(bytes) : undefined;
    setSource(
      text === undefined ? { kind: 'compiled', content: toBase64(bytes) } : { kind: 'text', content: text },
    );
  }

  return (
    <ConfirmDialog
      title="Names of Protobuf fields"
      confirm="Keep"
      focus="field"
      size="lg"
      disabled={type === undefined || elsewhere}
      error={source.content === '' ? undefined : fault}
      onConfirm={() => {
        if (type === undefined) return;
        keepRule({ ...source, bucket, prefix, type });
        onClose();
      }}
      onClose={onClose}
    >
      {source.kind === 'text' ? (
        <Textarea
          label="The .proto file"
          description="Its text with all messages that it uses; what Google has made may be imported."
          placeholder={'syntax = "proto3";\nmessage Order { string id = 1; }'}
          value={source.content}
          onChange={event => setSource({ kind: 'text', content: event.currentTarget.value })}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          rows={8}
          spellCheck={false}
          maxLength={MAX_BYTES}
          data-autofocus
        />
      ) : (
        <Group gap="xs">
          <Text size="sm" className="wrap">
            {file ?? 'A compiled descriptor'} of {source.content.length.toLocaleString('en')} characters.
          </Text>
          <Button size="compact-sm" variant="subtle" onClick={() => setSource({ kind: 'text', content: '' })}>
            Write a text instead
          </Button>
        </Group>
      )}
      <Group>
        <FileButton onChange={take} inputProps={{ 'aria-label': 'File with the descriptor' }}>
          {props => (
            <Button {...props} variant="default" size="compact-sm">
              Take a file (.proto, or compiled)
            </Button>
          )}
        </FileButton>
      </Group>
      <Select
        label="Message of the value"
        data={types}
        value={type ?? null}
        onChange={next => choose(next ?? undefined)}
        disabled={types.length === 0}
        searchable
        allowDeselect={false}
      />
      <TextBox
        label={`Keys of ${bucket} that begin with`}
        description="Nothing: all keys of the bucket. The longest that fits a key counts."
        value={prefix}
        onChange={setPrefix}
        error={elsewhere ? 'This key does not begin so.' : undefined}
      />
      <Muted>This browser keeps it; nothing is sent to kvflow.</Muted>
      {rule && (
        <Group>
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            onClick={() => {
              dropRule(rule);
              onClose();
            }}
          >
            Forget these names
          </Button>
        </Group>
      )}
    </ConfirmDialog>
  );
}

/** The messages of a source, or what is wrong with it. */
function useTypes(source: ProtobufSource): { types: readonly string[]; fault: unknown } {
  const [state, setState] = useState<{ types: readonly string[]; fault: unknown }>(NONE);
  useEffect(() => {
    let left = false;
    const set = (next: typeof NONE) => !left && setState(next);
    if (source.content === '') set(NONE);
    else if (source.content.length > MAX_BYTES)
      set({ types: [], fault: new Error('It is larger than 512 KiB, which a browser does not keep.') });
    else
      readSchema(source).then(
        ({ types }) => set({ types, fault: undefined }),
        fault => set({ types: [], fault }),
      );
    return () => {
      left = true;
    };
  }, [source]);
  return state;
}

const NONE: { types: readonly string[]; fault: unknown } = { types: [], fault: undefined };

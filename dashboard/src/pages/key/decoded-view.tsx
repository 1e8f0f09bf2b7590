import { Box, Button, Group, Image, SegmentedControl, Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Muted } from '../../components/muted.tsx';
import { toBase64 } from '../../lib/bytes.ts';
import { decodeAs, type Way } from '../../lib/decoders/decode.ts';
import { type Decoded, type Decoder, textOf } from '../../lib/decoders/decoder.ts';
import { PROTOBUF } from '../../lib/decoders/protobuf.ts';
import { isNotLoaded } from '../../lib/failed-loads.ts';
import { formatBytes } from '../../lib/format.ts';
import { writeOrdered } from '../../lib/ordered-json.ts';
import { HexView } from './hex-view.tsx';

/** What {@link DecodedView} is given. */
export interface DecodedViewProps {
  bytes: Uint8Array;
  /** Forms that the bytes may have, the likeliest first. */
  forms: readonly string[];
  /** What somebody says the bytes are. */
  named: Decoder | undefined;
  height: string;
  /** Somebody wants to say what the fields of a Protobuf are called. */
  onName(): void;
}

type State = { form: string } & ({ way?: undefined; error?: unknown } | { way: Way; error?: undefined });

/** What is in bytes of a known form, and on which way it was found. Nothing is stored. */
export function DecodedView({ bytes, forms, named, height, onName }: DecodedViewProps) {
  const [chosen, choose] = useState<string>();
  const form = chosen !== undefined && forms.includes(chosen) ? chosen : (forms[0] ?? '');
  const [state, setState] = useState<State>({ form });
  useEffect(() => {
    let left = false;
    const set = (next: State) => !left && setState(next);
    set({ form });
    decodeAs(form, bytes, named).then(
      way => set({ form, way }),
      error =>
        set({
          form,
          error: isNotLoaded(error) ? error : new Error(`This is no ${form}: ${messageOf(error)}`),
        }),
    );
    return () => {
      left = true;
    };
  }, [form, bytes, named]);
  // It says nothing of the value.
  if (isNotLoaded(state.error)) throw state.error;
  return (
    <Box>
      <Group justify="space-between" mb="xs">
        {forms.length > 1 ? (
          <SegmentedControl
            size="xs"
            aria-label="Decode as"
            value={form}
            onChange={choose}
            data={[...forms]}
          />
        ) : (
          <span />
        )}
        <Group gap="xs">
          {(form === PROTOBUF || named) && (
            <Button variant="default" size="compact-xs" onClick={onName}>
              {named ? 'Names of fields' : 'Name the fields'}
            </Button>
          )}
          {state.way && <Muted size="xs">{state.way.steps.join(' → ')}</Muted>}
          {state.way && (
            <CopyButton label="Copy what was decoded" size="sm" text={copyOf(state.way.result)} />
          )}
        </Group>
      </Group>
      {state.error !== undefined && <ErrorNotice error={state.error} title="It cannot be decoded" />}
      {!state.way && state.error === undefined && (
        <Skeleton role="img" h={80} aria-label="Decoding the value" />
      )}
      {state.way && (
        <div data-value>
          <Result result={state.way.result} height={height} />
        </div>
      )}
    </Box>
  );
}

function Result({ result, height }: { result: Decoded; height: string }) {
  if (result.kind === 'image')
    return (
      <Image
        src={`data:${result.type};base64,${toBase64(result.bytes)}`}
        alt={`The value, ${formatBytes(result.bytes.length)} of ${result.type}`}
        fit="contain"
        mah={height}
        w="auto"
      />
    );
  if (result.kind === 'value') {
    if (typeof result.value === 'object' && result.value !== null)
      return <JsonTree label="Decoded value" value={result.value} height={height} openDepth={3} />;
    return <CodeBlock label="Decoded value">{writeOrdered(result.value)}</CodeBlock>;
  }
  const text = textOf(result.bytes);
  if (text === undefined) return <HexView bytes={result.bytes} height={height} />;
  return (
    <CodeBlock label="Decoded value" className="wrap" mah={height}>
      {text}
    </CodeBlock>
  );
}

function copyOf(result: Decoded): string {
  if (result.kind === 'value') return writeOrdered(result.value);
  return (result.kind === 'bytes' ? textOf(result.bytes) : undefined) ?? toBase64(result.bytes);
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'it ends too early, or is damaged.';
}

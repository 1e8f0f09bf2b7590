import { Group, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { CodeEditor } from '../../components/code-editor.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Muted } from '../../components/muted.tsx';
import { Segments } from '../../components/segments.tsx';
import type { StoredText } from '../../lib/bytes.ts';
import { bytesOf, inLines, plainHex, toBase64 } from '../../lib/bytes.ts';
import { formsOf, isSurely } from '../../lib/decoders/decode.ts';
import { formatBytes } from '../../lib/format.ts';
import { isJson } from '../../lib/json-text.ts';
import { parseOrdered } from '../../lib/ordered-json.ts';
import { namedBy, protobufRules, ruleFor } from '../../lib/protobuf/rules.ts';
import { useStore } from '../../lib/store.ts';
import { DecodedView } from './decoded-view.tsx';
import { HexView } from './hex-view.tsx';
import { ProtobufDialog } from './protobuf-dialog.tsx';

type Format = 'json' | 'text' | 'decoded' | 'hex' | 'base64';

const HEIGHT = 'max(260px, calc(100dvh - 330px))';

/** A value in the forms it can be read in. `of`: whose it is. */
export function ValueView({ stored, of }: { stored: StoredText; of: { bucket: string; key: string } }) {
  const [chosen, choose] = useState<Format>();
  const [naming, setNaming] = useState(false);
  const { value, encoding } = stored;
  const bytes = useMemo(() => bytesOf({ value, encoding }), [value, encoding]);
  const json = useMemo(() => encoding !== 'base64' && isJson(value), [value, encoding]);
  const { bucket, key } = of;
  const rules = useStore(protobufRules);
  const rule = useMemo(() => ruleFor(rules, { bucket, key }), [rules, bucket, key]);
  const named = useMemo(() => rule && namedBy(rule), [rule]);
  const forms = useMemo(() => (json ? [] : formsOf(bytes, named)), [json, bytes, named]);
  const fits = { json, text: encoding !== 'base64', decoded: forms.length > 0, hex: true, base64: true };
  const best = bestOf({ json, text: fits.text, decoded: forms.length > 0 && isSurely(bytes, named) });
  const off = (Object.keys(fits) as Format[]).filter(name => !fits[name]);
  const format = chosen && fits[chosen] ? chosen : best;
  const copied = { json: value, text: value, decoded: toBase64, hex: plainHex, base64: toBase64 }[format];
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Segments
          label="Show the value as"
          value={format}
          onChange={choose}
          of={{ json: 'JSON', text: 'Text', decoded: 'Decoded', hex: 'Hex', base64: 'Base64' }}
          off={off}
        />
        <Group gap="xs">
          <Muted size="xs" className="num">
            {encoding === 'base64' ? 'bytes that are no text, ' : ''}
            {formatBytes(bytes.length)}
          </Muted>
          {format !== 'decoded' && (
            <CopyButton
              label="Copy value"
              size="sm"
              text={typeof copied === 'string' ? copied : copied(bytes)}
            />
          )}
        </Group>
      </Group>
      {bytes.length === 0 && <Text c="dimmed">The value is empty.</Text>}
      {bytes.length > 0 && format === 'decoded' && (
        <DecodedView
          bytes={bytes}
          forms={forms}
          named={named}
          height={HEIGHT}
          onName={() => setNaming(true)}
        />
      )}
      {bytes.length > 0 && format !== 'decoded' && <Shown format={format} value={value} bytes={bytes} />}
      {naming && (
        <ProtobufDialog bucket={bucket} keyName={key} rule={rule} onClose={() => setNaming(false)} />
      )}
    </>
  );
}

function bestOf({ json, text, decoded }: { json: boolean; text: boolean; decoded: boolean }): Format {
  if (json) return 'json';
  if (decoded) return 'decoded';
  return text ? 'text' : 'hex';
}

function Shown({ format, value, bytes }: { format: Format; value: string; bytes: Uint8Array }) {
  if (format === 'json') return <Tree text={value} />;
  if (format === 'hex') return <HexView bytes={bytes} height={HEIGHT} />;
  const text = format === 'text' ? value : inLines(toBase64(bytes), 76);
  return (
    <div data-value>
      <CodeEditor key={format} label={`Value as ${format}`} value={text} height={heightOf(text)} />
    </div>
  );
}

function Tree({ text }: { text: string }) {
  const value = useMemo(() => parseOrdered(text), [text]);
  return (
    <div data-value>
      <JsonTree label="Value" value={value} height={HEIGHT} openDepth={3} />
    </div>
  );
}

/** A short text needs no large field. */
function heightOf(text: string): string {
  const lines =
    text.length > 5_000 ? 100 : text.split('\n').reduce((sum, line) => sum + 1 + line.length / 90, 0);
  return `min(${HEIGHT}, ${Math.ceil(lines) * 21 + 16}px)`;
}

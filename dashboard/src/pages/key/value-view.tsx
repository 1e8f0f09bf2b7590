import { Group, SegmentedControl, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { CodeEditor } from '../../components/code-editor.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import type { StoredText } from '../../lib/bytes.ts';
import { bytesOf, hexLine, hexLines, inLines, plainHex, toBase64 } from '../../lib/bytes.ts';
import { formatBytes } from '../../lib/format.ts';
import { isJson, parseShown } from '../../lib/json-text.ts';
import classes from './value-view.module.css';

type Format = 'json' | 'text' | 'hex' | 'base64';

const HEIGHT = 'max(260px, calc(100dvh - 330px))';

/** A value in the forms it can be read in. */
export function ValueView({ stored }: { stored: StoredText }) {
  const [chosen, choose] = useState<Format>();
  const { value, encoding } = stored;
  const bytes = useMemo(() => bytesOf({ value, encoding }), [value, encoding]);
  const json = useMemo(() => encoding !== 'base64' && isJson(value), [value, encoding]);
  const fits = { json, text: encoding !== 'base64', hex: true, base64: true };
  const best: Format = json ? 'json' : encoding === 'base64' ? 'hex' : 'text';
  const format = chosen && fits[chosen] ? chosen : best;
  const copied = { json: value, text: value, hex: plainHex, base64: toBase64 }[format];
  return (
    <>
      <Group justify="space-between" mb="xs">
        <SegmentedControl
          size="xs"
          aria-label="Show the value as"
          value={format}
          onChange={next => choose(next as Format)}
          data={[
            { value: 'json', label: 'JSON', disabled: !json },
            { value: 'text', label: 'Text', disabled: !fits.text },
            { value: 'hex', label: 'Hex' },
            { value: 'base64', label: 'Base64' },
          ]}
        />
        <Group gap="xs">
          <Text size="xs" c="dimmed" className="num">
            {encoding === 'base64' ? 'bytes that are no text, ' : ''}
            {formatBytes(bytes.length)}
          </Text>
          <CopyButton
            label="Copy value"
            size="sm"
            text={typeof copied === 'string' ? copied : copied(bytes)}
          />
        </Group>
      </Group>
      {bytes.length === 0 && <Text c="dimmed">The value is empty.</Text>}
      {bytes.length > 0 && <Shown format={format} value={value} bytes={bytes} />}
    </>
  );
}

function Shown({ format, value, bytes }: { format: Format; value: string; bytes: Uint8Array }) {
  if (format === 'json') return <Tree text={value} />;
  if (format === 'hex') return <HexView bytes={bytes} />;
  const text = format === 'text' ? value : inLines(toBase64(bytes), 76);
  return (
    <div data-value>
      <CodeEditor key={format} label={`Value as ${format}`} value={text} height={heightOf(text)} />
    </div>
  );
}

function Tree({ text }: { text: string }) {
  const value = useMemo(() => parseShown(text), [text]);
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

const LINE = 20;

function HexView({ bytes }: { bytes: Uint8Array }) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: hexLines(bytes),
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form's group of fields this is not
    <div
      ref={frame}
      data-value
      role="group"
      aria-label="Value as hex"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      className={classes.hex}
      style={{ height: `min(${HEIGHT}, ${hexLines(bytes) * LINE + 18}px)` }}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            className={classes.line}
            style={{ transform: `translateY(${start}px)`, height: LINE }}
          >
            {hexLine(bytes, index)}
          </div>
        ))}
      </div>
    </div>
  );
}

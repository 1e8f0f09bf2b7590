import type { StoredText } from '../lib/bytes.ts';
import { bytesOf, hexDump } from '../lib/bytes.ts';
import { formatJson, isJson } from '../lib/json-text.ts';
import { DiffEditor } from './code-editor.tsx';
import { Muted } from './muted.tsx';

/** A value as {@link ValueDiff} takes it: missing where there was none. */
export type SomeValue = { value?: string | undefined; encoding?: 'utf8' | 'base64' | undefined } | undefined;

/** Two values side by side with what differs: JSON laid out, bytes in hex. */
export function ValueDiff(props: {
  left: SomeValue;
  right: SomeValue;
  leftLabel: string;
  rightLabel: string;
  height?: number;
}) {
  const { left, right, leftLabel, rightLabel, height = 420 } = props;
  const [from, to] = [comparedText(left), comparedText(right)];
  if (from === to && left && right) {
    return <Muted>Both hold the same value.</Muted>;
  }
  const language = isJson(right?.value ?? left?.value ?? '') ? 'json' : 'text';
  return <DiffEditor left={from} right={to} {...{ leftLabel, rightLabel, language, height }} />;
}

/** A value as it is compared. */
export function comparedText(stored: SomeValue): string {
  if (!stored) return '';
  const { value = '', encoding } = stored;
  if (encoding !== 'base64') return formatJson(value);
  return hexDump(bytesOf({ value, encoding } satisfies StoredText));
}

import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatBytes, formatCount } from '../lib/format.ts';
import type { AmountFieldProps } from './duration-field.tsx';

const SIZES: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes, written as people do: `100 MiB`, `1.5G`, `65536`, `no limit`. Shows both. */
export function BytesField({ value, onChange, error, ...props }: AmountFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : write(value)));
  const shown = value !== undefined && read(text) !== value ? write(value) : text;
  const fault = faultOf(shown);
  function change(typed: string) {
    setText(typed);
    onChange(read(typed), faultOf(typed));
  }
  return (
    <TextInput
      {...props}
      value={shown}
      onChange={event => change(event.currentTarget.value)}
      placeholder={props.placeholder ?? '100 MiB, 64 KiB, no limit'}
      error={fault ?? error}
      rightSectionWidth="auto"
      rightSection={
        value !== undefined && value >= 1024 ? (
          <span
            className="num mono"
            style={{ paddingInline: 10, fontSize: 12, color: 'var(--mantine-color-dimmed)' }}
          >
            {formatCount(value)} B
          </span>
        ) : undefined
      }
    />
  );
}

/** Exactly what it is: in a unit only where nothing is lost by it. */
function write(bytes: number): string {
  if (bytes < 0) return 'no limit';
  const words = formatBytes(bytes);
  return read(words) === bytes ? words : String(bytes);
}

function faultOf(text: string): string | undefined {
  return text.trim() !== '' && read(text) === undefined
    ? 'Write it as 100 MiB, 64 KiB or no limit'
    : undefined;
}

function read(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '') return undefined;
  if (/^(no limit|unlimited|-1)$/.test(trimmed)) return -1;
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/.exec(trimmed) ?? [];
  return amount === '' ? undefined : Math.round(Number(amount) * (SIZES[unit] ?? 1));
}

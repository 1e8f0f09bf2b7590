import { TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';
import { durationWords, parseDuration } from '../lib/duration.ts';
import { formatCount } from '../lib/format.ts';

/** What a field of an amount is given, beside what a text field takes. */
export interface AmountFieldProps extends Omit<TextInputProps, 'value' | 'onChange' | 'defaultValue'> {
  /** Undefined: nothing was entered. */
  value: number | undefined;
  onChange(value: number | undefined): void;
}

/** Nanoseconds, written as people do: `7 days`, `1h 30m`, `250 ms`, `none`; a bare number is nanoseconds. Shows both. */
export function DurationField({ value, onChange, error, ...props }: AmountFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : durationWords(value)));
  const understood = read(text);
  // Another value from outside, such as a form that was reset, takes the place of what was typed.
  const shown = value !== undefined && understood !== value ? durationWords(value) : text;
  const wrong = text.trim() !== '' && read(shown) === undefined;
  function change(typed: string) {
    setText(typed);
    onChange(read(typed));
  }
  return (
    <TextInput
      {...props}
      value={shown}
      onChange={event => change(event.currentTarget.value)}
      placeholder={props.placeholder ?? '7 days, 1h 30m, 250 ms'}
      error={wrong ? 'Write it as 7 days, 1h 30m or 250 ms' : error}
      rightSectionWidth="auto"
      rightSection={
        value !== undefined && value > 0 ? (
          <span
            className="num mono"
            style={{ paddingInline: 10, fontSize: 12, color: 'var(--mantine-color-dimmed)' }}
          >
            {formatCount(value)} ns
          </span>
        ) : undefined
      }
    />
  );
}

function read(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  return /^\d+$/.test(text.trim()) ? Number(text) : parseDuration(text);
}

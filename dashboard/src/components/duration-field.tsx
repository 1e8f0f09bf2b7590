import { TextInput, type TextInputProps } from '@mantine/core';
import { useState } from 'react';
import { durationWords, parseDuration } from '../../../contract/duration.ts';
import { formatCount } from '../lib/format.ts';

/** What a field of an amount is given, beside what a text field takes. */
export interface AmountFieldProps extends Omit<TextInputProps, 'value' | 'onChange' | 'defaultValue'> {
  /** Undefined: nothing was entered, or nothing that is understood. */
  value: number | undefined;
  /** `fault` says what is wrong with a text that is not understood: such a text is never taken for an empty one. */
  onChange(value: number | undefined, fault: string | undefined): void;
}

/** Nanoseconds, written as people do: `7 days`, `1h 30m`, `250 ms`, `none`; a bare number is nanoseconds. Shows both. */
export function DurationField({ value, onChange, error, ...props }: AmountFieldProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : durationWords(value)));
  const understood = read(text);
  // Another value from outside, such as a form that was reset, takes the place of what was typed.
  const shown = value !== undefined && understood !== value ? durationWords(value) : text;
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
      placeholder={props.placeholder ?? '7 days, 1h 30m, 250 ms'}
      error={fault ?? error}
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

function faultOf(text: string): string | undefined {
  return text.trim() !== '' && read(text) === undefined ? 'Write it as 7 days, 1h 30m or 250 ms' : undefined;
}

function read(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  return /^\d+$/.test(text.trim()) ? Number(text) : parseDuration(text);
}

import type { TextInputProps } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { TextBox } from './text-box.tsx';

/** What a field of an amount is given, beside what a text field takes. */
export interface AmountFieldProps<Amount = number>
  extends Omit<TextInputProps, 'value' | 'onChange' | 'defaultValue'> {
  /** Undefined: nothing was entered, or nothing that is understood. */
  value: Amount | undefined;
  /** `fault` says what is wrong with a text that is not understood: such a text is never taken for an empty one. */
  onChange(value: Amount | undefined, fault: string | undefined): void;
}

/** How amounts of a kind are written. */
export interface AmountKind<Amount = number> {
  /** Undefined: not understood. It is given no empty text. */
  read(text: string): Amount | undefined;
  /** A text that is read as this amount again, or the nearest to it. */
  write(amount: Amount): string;
  /** How it is written, for one whose text is not understood. */
  help: string;
  /** The exact figure, beside the words. */
  aside?(amount: Amount): ReactNode;
}

/** A field for an amount in a text of its own. */
export function AmountField<Amount>({
  kind: { read, write, help, aside },
  value,
  onChange,
  error,
  ...props
}: AmountFieldProps<Amount> & { kind: AmountKind<Amount> }) {
  const understand = (typed: string) => (typed.trim() === '' ? undefined : read(typed.trim()));
  const faultOf = (typed: string) =>
    typed.trim() !== '' && understand(typed) === undefined ? help : undefined;
  const [text, setText] = useState(() => (value === undefined ? '' : write(value)));
  const same = JSON.stringify(understand(text)) === JSON.stringify(value);
  // Another value from outside, such as a form that was filled anew, takes the place of what was typed.
  const shown = value !== undefined && !same ? write(value) : text;
  const beside = value === undefined ? undefined : aside?.(value);
  function change(typed: string) {
    setText(typed);
    onChange(understand(typed), faultOf(typed));
  }
  return (
    <TextBox
      {...props}
      value={shown}
      onChange={change}
      error={faultOf(shown) ?? error}
      rightSectionWidth="auto"
      rightSection={
        beside === undefined ? undefined : (
          <span
            className="num mono"
            style={{ paddingInline: 10, fontSize: 12, color: 'var(--mantine-color-dimmed)' }}
          >
            {beside}
          </span>
        )
      }
    />
  );
}

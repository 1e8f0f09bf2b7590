import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useState } from 'react';

/** What {@link TextBox} is given, beside what a field of text takes. */
export interface TextBoxProps extends Omit<TextInputProps, 'onChange'> {
  onChange(text: string): void;
  /** It takes a key, a pattern or the like, in the fixed font. */
  code?: boolean;
}

/** A line of text that the browser neither completes nor corrects. */
export function TextBox({ onChange, code = false, ...props }: TextBoxProps) {
  return (
    <TextInput
      autoComplete="off"
      spellCheck={false}
      {...props}
      {...(code && { styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)' } } })}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}

/** What {@link TakenBox} is given. */
export interface TakenBoxProps extends TextBoxProps {
  value: string;
  /** Each letter, for what is said beside it. */
  onType?: (text: string) => void;
}

/** A line of text that is taken over with Enter or when it is left: a pattern half-typed would be looked for at each letter. */
export function TakenBox({ value, onChange, onType, ...props }: TakenBoxProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const take = () => typed.trim() !== value && onChange(typed.trim());
  const type = (text: string) => {
    setTyped(text);
    onType?.(text);
  };
  return (
    <TextBox
      {...props}
      value={typed}
      onChange={type}
      onBlur={take}
      onKeyDown={event => event.key === 'Enter' && take()}
    />
  );
}

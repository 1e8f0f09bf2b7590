import { Code, type CodeProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount } from '../lib/format.ts';

/** What {@link CodeBlock} is given, beside what code takes. */
export interface CodeBlockProps extends CodeProps {
  /** For those who cannot see it. */
  label: string;
  children: ReactNode;
}

/** Text in the fixed font that scrolls where it is long, and is reached by the keyboard. */
export function CodeBlock({ label, ...props }: CodeBlockProps) {
  return <Code block tabIndex={0} aria-label={label} mah={320} style={{ overflow: 'auto' }} {...props} />;
}

/** More text than this is not put into one element. */
const LONGEST = 200_000;

/** A text as far as one element shows it. */
export function beginning(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST)}…\n(${formatCount(text.length)} characters; copy has all)`;
}

import { styleText } from 'node:util';
import type { Io } from './io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours text for people: on a terminal, and not where NO_COLOR is set to anything (https://no-color.org) or TERM is dumb. */
export function painter({ isTerminal, env }: Io): (style: Style, text: string) => string {
  const coloured = isTerminal === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

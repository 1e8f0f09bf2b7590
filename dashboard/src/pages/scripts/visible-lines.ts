import { visibleText } from '../../lib/visible-text.ts';

/** A text of several lines, with what cannot be seen in each made visible. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n');
}

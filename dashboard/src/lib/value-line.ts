import { formatBytes } from './format.ts';
import { visibleText } from './visible-text.ts';

const LONGEST = 160;

/** The beginning of a stored value in one line; of bytes how many they are. */
export function valueLine(stored: {
  value?: string | undefined;
  encoding?: 'utf8' | 'base64' | undefined;
}): string {
  const { value = '', encoding } = stored;
  if (encoding === 'base64') return `${formatBytes(Math.floor((value.length * 3) / 4))} that are no text`;
  const line = visibleText(
    value
      .slice(0, LONGEST * 2)
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return line.length > LONGEST || value.length > LONGEST * 2 ? `${line.slice(0, LONGEST)}…` : line;
}

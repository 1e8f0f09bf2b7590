import { parseExactNumbers } from '../../../../contract/exact-number.ts';
import { invokeBatch } from '../../api/invoke.ts';
import type { Row } from './feed.ts';

/** Changes that are taken at once. */
export const MAX_CAPTURED = 1_000;
const TOGETHER = 500;

/** A change as a script or a file has it: its value read where it is JSON. */
export function eventOf({ forgotten: _forgotten, value, ...rest }: Row): Record<string, unknown> {
  return { ...rest, ...(value !== undefined && { value: rest.encoding ? value : read(value) }) };
}

/** Values that are JSON objects, as events for a script; what else was captured has none. */
export function valueEvents(rows: readonly Row[]): Record<string, unknown>[] {
  return rows.flatMap(({ value, encoding }) => {
    const event = value === undefined || encoding ? undefined : read(value);
    return typeof event === 'object' && event !== null && !Array.isArray(event)
      ? [event as Record<string, unknown>]
      : [];
  });
}

/** One line of JSON for each change, the oldest first. */
export function asLines(rows: readonly Row[]): string {
  return rows.map(row => `${JSON.stringify(eventOf(row))}\n`).join('');
}

/** Takes the keys of a bucket to where the changes left them: the last one of each key counts. Throws the first failure. */
export async function replay(rows: readonly Row[], bucket: string): Promise<number> {
  const last = [...new Map(rows.map(row => [row.key, row])).values()].filter(({ forgotten }) => !forgotten);
  for (let start = 0; start < last.length; start += TOGETHER) {
    const answers = await invokeBatch(last.slice(start, start + TOGETHER).map(row => callOf(row, bucket)));
    for (const answer of answers) if ('error' in answer) throw answer.error;
  }
  return last.length;
}

function callOf({ operation, key, value, encoding }: Row, bucket: string) {
  if (operation === 'put')
    return {
      function: 'kv-key-put',
      input: { bucket, key, value: value ?? '', ...(encoding && { encoding }) },
    };
  return { function: operation === 'purge' ? 'kv-key-purge' : 'kv-key-delete', input: { bucket, key } };
}

function read(text: string): unknown {
  try {
    return parseExactNumbers(text);
  } catch {
    return text;
  }
}

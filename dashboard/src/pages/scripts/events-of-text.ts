import { MAX_EVENTS, readLines } from './case.ts';

/** Events of a file or a capture. */
export interface TakenEvents {
  /** At most {@link MAX_EVENTS}. */
  events: unknown[];
  total: number;
  /** What they are called. */
  what: 'event' | 'value';
}

const CHANGE = ['key', 'operation', 'revision'];

/**
 * Events in a text: a JSON object, an array, or a line for each. Changes of a watch, as Live captures them and kv-key-watch
 * answers them, become the values that are objects.
 */
export function eventsOfText(text: string): TakenEvents | { fault: string } {
  const read = readLines(text);
  if ('fault' in read) return read;
  const isWatch = read.values.every(value => CHANGE.every(name => Object.hasOwn(Object(value), name)));
  const found = isWatch ? read.values.flatMap(objectIn) : read.values;
  if (found.length === 0)
    return { fault: isWatch ? 'no value of these changes is a JSON object.' : 'there is no event in it.' };
  return { events: found.slice(0, MAX_EVENTS), total: found.length, what: isWatch ? 'value' : 'event' };
}

function objectIn(change: unknown): unknown[] {
  const { value } = change as { value?: unknown };
  const read = typeof value === 'string' ? parsed(value) : value;
  return typeof read === 'object' && read !== null && !Array.isArray(read) ? [read] : [];
}

function parsed(text: string): unknown {
  const read = readLines(text);
  return 'values' in read ? read.values[0] : undefined;
}

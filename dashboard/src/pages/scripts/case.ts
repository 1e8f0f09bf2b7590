import { parseExactNumbers } from '../../../../contract/exact-number.ts';
import type { TransformTestInput } from '../../../../contract/types.gen.ts';
import { isObject } from '../../lib/is-object.ts';

/** A test as functions take it. */
export type ScriptTest = NonNullable<TransformTestInput['tests']>[number];

/** Events that a script is tried on, with what has to come of them, as it is typed. */
export interface Case {
  name: string;
  events: string;
  /** What `$kv` holds before. */
  kv: string;
  /** Events that have to come out; empty: that is not looked at. */
  expect: string;
  /** What `$kv` has to hold after; empty: that is not looked at. */
  expect_kv: string;
  variables: string;
}

/** Parts of a case that hold JSON, with what they are called. */
export const CASE_PARTS = {
  events: 'Events',
  kv: '$kv before',
  expect: 'Expected events',
  expect_kv: 'Expected $kv after',
  variables: 'Variables',
} as const;

/** Events that a call takes at once. */
export const MAX_EVENTS = 1_000;

/** A case with nothing but events. */
export function newCase(events: string, name = ''): Case {
  return { name, events, kv: '', expect: '', expect_kv: '', variables: '' };
}

/** A stored test as it is typed. */
export function caseOf({ name = '', events, kv, expect, expect_kv, variables }: ScriptTest): Case {
  return {
    name,
    events: written(events),
    kv: written(kv),
    expect: written(expect),
    expect_kv: written(expect_kv),
    variables: written(variables),
  };
}

/** Reads a case; of one that cannot be read, what is wrong with which part. */
export function readCase(typed: Case): { test: ScriptTest } | { fault: string } {
  const events = readEvents(typed.events);
  if ('fault' in events) return { fault: `${CASE_PARTS.events}: ${events.fault}` };
  const test: Record<string, unknown> = { events: events.events };
  if (typed.name !== '') test.name = typed.name;
  for (const part of ['kv', 'expect', 'expect_kv', 'variables'] as const) {
    if (typed[part].trim() === '') continue;
    const read = part === 'expect' ? readExpected(typed.expect) : readObject(typed[part]);
    if ('fault' in read) return { fault: `${CASE_PARTS[part]}: ${read.fault}` };
    test[part] = read.value;
  }
  return { test: test as unknown as ScriptTest };
}

/** Events in a text: a JSON object, an array of objects, or a line for each. */
export function readEvents(text: string): { events: Record<string, unknown>[] } | { fault: string } {
  const read = readLines(text);
  if ('fault' in read) return read;
  const { values } = read;
  const wrong = values.findIndex(event => !isObject(event));
  if (wrong >= 0) return { fault: `event ${wrong + 1} is no JSON object.` };
  if (values.length === 0) return { fault: 'there is none.' };
  if (values.length > MAX_EVENTS)
    return { fault: `these are ${values.length}; at most ${MAX_EVENTS} are run at once.` };
  return { events: values as Record<string, unknown>[] };
}

/** What a text of JSON holds: the items of an array, one value, or that of each line. */
export function readLines(text: string): { values: unknown[] } | { fault: string } {
  const whole = parse(text);
  if (whole) return { values: Array.isArray(whole.value) ? whole.value : [whole.value] };
  const values: unknown[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = parse(line);
    if (!read) return { fault: `line ${at + 1} is no JSON.` };
    values.push(read.value);
  }
  return { values };
}

/** JSON as people read it. */
export function written(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}

function readExpected(text: string): { value: unknown } | { fault: string } {
  // That nothing comes out is something to expect.
  if (text.trim() === '[]') return { value: [] };
  const read = readEvents(text);
  return 'fault' in read ? read : { value: read.events };
}

function readObject(text: string): { value: unknown } | { fault: string } {
  const read = parse(text);
  return read && isObject(read.value) ? read : { fault: 'a JSON object is expected.' };
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: parseExactNumbers(text) };
  } catch {
    return undefined;
  }
}

/** One table of values, and what kvflow has to hold of each, whichever host a value comes from. */
import { expect } from '@jest/globals';
import type { TestKvflow } from './kvflow.ts';

/** A value of a flow, a workflow, a program or an agent. */
export interface HostValue {
  what: string;
  value: unknown;
  /** Text, or bytes. */
  stored: string | Buffer;
}

const LONG = '12345678901234567890';
const deep = Array.from({ length: 30 }).reduce<unknown>(inner => ({ in: [inner] }), 'out');
const many = Object.fromEntries(Array.from({ length: 1_000 }, (_one, index) => [`k${index}`, index]));

/** Numbers, bytes, dates, what is deep, large and empty. */
export const HOST_VALUES: HostValue[] = [
  { what: 'text', value: 'Grüße, 世界 🎉', stored: 'Grüße, 世界 🎉' },
  { what: 'no text', value: '', stored: '' },
  { what: 'text with line ends and NUL', value: 'a\r\n\tb\u0000c', stored: 'a\r\n\tb\u0000c' },
  { what: 'text like a number', value: '007', stored: '007' },
  { what: 'text of a long id', value: LONG, stored: LONG },
  { what: 'text like JSON', value: '{"a": 1.0}', stored: '{"a": 1.0}' },
  { what: 'large text', value: 'x'.repeat(200_000), stored: 'x'.repeat(200_000) },
  { what: 'zero', value: 0, stored: '0' },
  { what: 'a number', value: -12.5, stored: '-12.5' },
  { what: 'a big number', value: 1e21, stored: '1e+21' },
  { what: 'the largest whole number', value: Number.MAX_SAFE_INTEGER, stored: '9007199254740991' },
  { what: 'true', value: true, stored: 'true' },
  { what: 'false', value: false, stored: 'false' },
  { what: 'a BigInt', value: BigInt(LONG), stored: LONG },
  { what: 'a Date', value: new Date(86_400_000), stored: '1970-01-02T00:00:00.000Z' },
  {
    what: 'bytes',
    value: Buffer.from([0, 1, 2, 255, 254, 10]),
    stored: Buffer.from([0, 1, 2, 255, 254, 10]),
  },
  { what: 'no bytes', value: Buffer.alloc(0), stored: '' },
  { what: 'an empty object', value: {}, stored: '{}' },
  { what: 'an empty list', value: [], stored: '[]' },
  {
    what: 'an object',
    value: { a: [1, null, 'x'], b: { c: false } },
    stored: '{"a":[1,null,"x"],"b":{"c":false}}',
  },
  { what: 'an object with a Date', value: { at: new Date(0) }, stored: '{"at":"1970-01-01T00:00:00.000Z"}' },
  { what: 'what is deep', value: deep, stored: JSON.stringify(deep) },
  { what: 'what has many members', value: many, stored: JSON.stringify(many) },
  { what: 'a Map', value: new Map([['a', 1]]), stored: '{"a":1}' },
  { what: 'a Set', value: new Set([1, 'x']), stored: '[1,"x"]' },
];

/** What a host that speaks JSON alone has no word for, or that its types refuse. */
export const SCALARS = ['zero', 'a number', 'a big number', 'the largest whole number', 'true', 'false'];
export const BEYOND_JSON = ['a BigInt', 'a Map', 'a Set'];

/** How one host puts a value, and which it has no way for. */
export interface HostOfValues {
  kvflow: TestKvflow;
  /** Begins the keys, which are made in bucket `values`. */
  host: string;
  put(key: string, value: unknown): Promise<unknown>;
  /** By what they are: not tried. */
  without?: string[];
  /** By what they are: the host refuses them, and nothing is stored. */
  refused?: string[];
}

/** Puts every value of the table through a host, and compares what is then stored. */
export async function expectHostValues(how: HostOfValues): Promise<void> {
  const { kvflow, host, put, without = [], refused = [] } = how;
  await kvflow.call('kv-bucket-create', { bucket: 'values' });
  const found: Record<string, string> = {};
  const expected: Record<string, string> = {};
  for (const [index, { what, value, stored }] of HOST_VALUES.entries()) {
    if (without.includes(what)) continue;
    const key = `${host}.${index}`;
    await put(key, value).catch((error: Error) => error);
    found[what] = await storedAt(kvflow, key);
    expected[what] = refused.includes(what) ? 'nothing' : Buffer.from(stored).toString('base64');
  }
  expect(found).toEqual(expected);
}

/** As base64, which compares byte by byte. */
async function storedAt(kvflow: TestKvflow, key: string): Promise<string> {
  const answer = await kvflow.invoke('kv-key-get', { bucket: 'values', key });
  if (!('data' in answer)) return 'nothing';
  const { value, encoding } = answer.data as { value: string; encoding?: 'base64' };
  return encoding ? value : Buffer.from(value).toString('base64');
}

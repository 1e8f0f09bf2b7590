import { expect, test } from '@jest/globals';
import { compactObjects } from '../../../runtime/sandbox/host/json-scan.ts';

const isCompactObject = (bytes: Buffer, from = 0, to = bytes.length): boolean =>
  compactObjects(bytes)(from) === to;
const isCompact = (text: string, from?: number, to?: number): boolean =>
  isCompactObject(Buffer.from(text), from, to);

/** What the scan is a short cut for. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

test.each([
  '{}',
  '{"a":1}',
  '{"a":-0.5e-7,"b":[1,2,[]],"c":{"d":{}},"e":true,"f":false,"g":null}',
  '{"":"","\\"":"\\\\","\\u00e9":"\\n\\t日本😀"}',
  JSON.stringify({ deep: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) }),
  JSON.stringify({ ...JSON.parse('{"__proto__":1}'), big: 1e300, small: 5e-324, text: 'x'.repeat(70_000) }),
])('json-scan - %.60s is one object', text => {
  expect(isCompact(text)).toBe(true);
});

test.each([
  '',
  '{',
  '{}{}',
  '{},{}',
  '[{}]',
  'null',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{"a":1 }',
  '{a:1}',
  '{"a":01}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":1e}',
  '{"a":"}',
  '{"a":"\\"}',
  '{"a":"\\x"}',
  '{"a":"\\u00g0"}',
  '{"a":[1,]}',
  '{"a":[}',
  '{"a":{]}',
  '{"a":tru}',
  '{"a":trueish}',
  '{"a":NaN}',
  '{"a":undefined}',
])('json-scan - %s is none', text => {
  expect(isCompact(text)).toBe(false);
});

test('json-scan - what it takes for an object always is one, whatever the tokens are', () => {
  const tokens = '{ } [ ] , : " \\ a 1 - 0 . e E + true false null \\u00e9 \\u12 \\n "" "k": {"k": []'.split(
    ' ',
  );
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  let objects = 0;
  for (let round = 0; round < 200_000; round++) {
    const inner = Array.from({ length: random(10) }, () => tokens[random(tokens.length)]);
    const text = `{${inner.join('')}${random(4) > 0 ? '}' : ''}`;
    const found = isCompact(text);
    if (found) objects += 1;
    if (found !== isObject(text)) throw new Error(`${text}: ${found}`);
  }
  expect(objects).toBeGreaterThan(1_000);
});

test('json-scan - a key may be of any length, and ends where its quote is', () => {
  for (let length = 0; length < 60; length++) {
    const key = 'k'.repeat(length);
    for (const end of ['', '\\"', '\\u00e9', 'é', '\\', '\\x']) {
      for (const text of [`{"${key}${end}":1}`, `{"a":1,"${key}${end}":{"${end}${key}":[]}}`])
        expect([text, isCompact(text)]).toEqual([text, isObject(text)]);
    }
    for (const text of [`{"${key}`, `{"${key}"`, `{"${key}":`, `{"${key}"}`, `{"${key}:1}`])
      expect([text, isCompact(text)]).toEqual([text, false]);
  }
});

test('json-scan - a line ends where it ends, whatever stands on the next one', () => {
  for (const [first, second] of [
    ['{"a', '":1}'],
    ['{"a":"', '"}'],
    ['{"a":1', '}'],
    ['{"a":', '1}'],
    ['{"a"', ':1}'],
    ['{"a":[1,', '2]}'],
    ['{"a":1,', '"b":2}'],
    ['{', '}'],
  ] as const)
    expect(isCompact(`${first}\n${second}`, 0, first.length)).toBe(false);
});

test('json-scan - a string ends where it ends, wherever that is, and has no control characters', () => {
  const wide = ' ~\u007f\u0080ÿ日本😀{}[],:';
  for (let length = 0; length < 45; length++) {
    const offset = length & 3;
    for (const pad of ['x'.repeat(length), wide.repeat(3).slice(0, length)]) {
      const bytes = Buffer.from(`___{"${pad}":"${pad}","${pad}":["${pad}"]}`);
      const all = bytes.subarray(offset);
      const at = (index: number, code: number): Buffer => {
        const other = Buffer.from(all);
        other[index] = code;
        return other;
      };
      const isObjectAt = (there: Buffer) => isCompactObject(there, 3 - offset);
      const wrong: [text: string, index: number, code: number][] = [];
      expect(isObjectAt(all)).toBe(true);
      for (let index = 3 - offset; index < all.length; index++) {
        for (const code of [0, 9, 10, 13, 31])
          if (isObjectAt(at(index, code))) wrong.push([pad, index, code]);
        for (const code of [34, 92]) {
          const there = at(index, code);
          if (isObjectAt(there) !== isObject(there.toString('utf8', 3 - offset)))
            wrong.push([pad, index, code]);
        }
      }
      expect(wrong).toEqual([]);
    }
  }
});

test.each(['\\"', '\\\\', '\\/', '\\b\\f\\n\\r\\t', '\\u00aF', '\\ud800'])(
  'json-scan - the escape %s may stand anywhere',
  escaped => {
    for (let before = 0; before < 40; before++) {
      for (let after = 0; after < 12; after++) {
        const text = `{"${'a'.repeat(before)}${escaped}${'b'.repeat(after)}":[]}`;
        expect([text, isCompact(text)]).toEqual([text, true]);
        const cut = `{"${'a'.repeat(before)}${escaped.slice(0, -1)}`;
        expect(isCompact(cut)).toBe(false);
      }
    }
  },
);

test('json-scan - of a text with lines one is looked at, to its end', () => {
  const text = '{"a":1}\n{"b":"x\n{"c":[2]}\n';
  expect([isCompact(text, 0, 7), isCompact(text, 8, 15), isCompact(text, 16, 25)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([isCompact(text, 0, 6), isCompact(text, 16, 24)]).toEqual([false, false]);
});

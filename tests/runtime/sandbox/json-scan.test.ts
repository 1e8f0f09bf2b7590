import { expect, test } from '@jest/globals';
import { hasControlCharacters, isCompactObject } from '../../../runtime/sandbox/json-scan.ts';

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
  expect(isCompactObject(text)).toBe(true);
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
  expect(isCompactObject(text)).toBe(false);
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
    const found = isCompactObject(text);
    if (found) objects += 1;
    if (found !== isObject(text)) throw new Error(`${text}: ${found}`);
  }
  expect(objects).toBeGreaterThan(1_000);
});

test.each(['\n', '\r', '\0', '\u001f', '\t'])('json-scan - %j is no plain text', character => {
  expect(hasControlCharacters(`{"a":"${character}"}`)).toBe(true);
  expect(hasControlCharacters('{"a":"\u007f日本"}')).toBe(false);
});

import { expect, test } from '@jest/globals';
import { findJsonFault } from '../../../runtime/server/json-fault.ts';

test.each([
  ['', 1, 1, 'the end of the body'],
  ['  ', 1, 3, 'the end of the body'],
  ['abc', 1, 1, '"a"'],
  ['{"a":}', 1, 6, '"}"'],
  ['{"a":1,}', 1, 8, '"}"'],
  ['{,}', 1, 2, '","'],
  ['[1,]', 1, 4, '"]"'],
  ['[1 2]', 1, 4, '"2"'],
  ['{"a" 1}', 1, 6, '"1"'],
  ['{a:1}', 1, 2, '"a"'],
  ["{'a':1}", 1, 2, '"\'"'],
  ['[1] x', 1, 5, '"x"'],
  ['[1}', 1, 3, '"}"'],
  ['{"a":1', 1, 7, 'the end of the body'],
  ['"abc', 1, 5, 'the end of the body'],
  ['"a\\x"', 1, 3, '"\\\\"'],
  ['"\\u12"', 1, 2, '"\\\\"'],
  ['{\n"a": "x\ny"}', 2, 8, '"\\n"'],
  ['[1,\n\n  nul]', 3, 3, '"n"'],
  ['01', 1, 2, '"1"'],
  ['-', 1, 1, '"-"'],
  ['{"a":{"b":[true,false,null,-1.5e3,"é"]}} ]', 1, 42, '"]"'],
])('json - %j breaks at line %d, column %d', (text, line, column, found) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(findJsonFault(text)).toEqual({ line, column, found });
});

test('json - a fault after megabytes of text and brackets is found', () => {
  expect(findJsonFault(`["${'x'.repeat(5_000_000)}", x]`).column).toBe(5_000_006);
  expect(findJsonFault('['.repeat(1_000_000)).column).toBe(1_000_001);
});

import { expect, test } from '@jest/globals';
import { lineAt, toJsonLines } from '../../../runtime/core/json-lines.ts';

const linesOf = (text: string): string[] => {
  const lines = toJsonLines(text);
  return lines.starts.map((_, index) => lineAt(lines, index));
};

test.each([
  ['a\nb\n', ['a', 'b']],
  ['a\nb', ['a', 'b']],
  ['\n\n{"a":1}\n \t\n\u00a0\n{"b":2}\n\n', ['{"a":1}', '{"b":2}']],
  ['{"a":1}\r\n{"b":2}\r\n', ['{"a":1}\r', '{"b":2}\r']],
  [' {"a":1} ', [' {"a":1} ']],
  ['\ufeff{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['\ufeff', []],
  ['', []],
  ['\n', []],
])('json-lines - of %j', (text, lines) => {
  expect(linesOf(text)).toEqual(lines);
});

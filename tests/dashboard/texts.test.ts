/** What the pages of a key make of texts, without a browser. */
import { expect, test } from '@jest/globals';
import { bytesOf, hexDump, toBase64 } from '../../dashboard/src/lib/bytes.ts';
import { compactJson, formatJson } from '../../dashboard/src/lib/json-text.ts';
import { editableText } from '../../dashboard/src/pages/key/editable-text.ts';
import { conflictsIn, merge3 } from '../../dashboard/src/pages/key/merge3.ts';

const lines = (...all: string[]) => all.join('\n');

test('merge3 - changes that do not touch each other are both taken', () => {
  const base = lines('a', 'b', 'c', 'd', 'e');
  const merged = merge3(base, lines('a', 'B', 'c', 'd', 'e'), lines('a', 'b', 'c', 'd', 'E', 'f'));
  expect(merged).toEqual({ text: lines('a', 'B', 'c', 'd', 'E', 'f'), conflicts: 0 });
});

test('merge3 - the same change by both is taken once', () => {
  expect(merge3('a\nb', 'a\nx', 'a\nx')).toEqual({ text: 'a\nx', conflicts: 0 });
});

test('merge3 - different changes of one line are marked with both', () => {
  const { text, conflicts } = merge3('a\nb\nc', 'a\ntheirs\nc', 'a\nmine\nc');
  expect(text).toBe(lines('a', '<<<<<<< yours', 'mine', '=======', 'theirs', '>>>>>>> theirs', 'c'));
  expect([conflicts, conflictsIn(text)]).toEqual([1, 1]);
});

test('merge3 - what one deletes and the other leaves is deleted', () => {
  expect(merge3('a\nb\nc\nd', 'a\nc\nd', 'a\nb\nc\nd!')).toEqual({ text: 'a\nc\nd!', conflicts: 0 });
});

test('formatJson - lays out and back without changing a digit, an escape or the order', () => {
  const text = '{"b":12345678901234567890,"a":[1.0,1e3,"x\\u00e9\\"]{,:"],"e":{},"f":[]}';
  const laid = formatJson(text);
  expect(laid).toContain('\n  "b": 12345678901234567890,');
  expect(compactJson(laid)).toBe(text);
  expect(formatJson('not json')).toBe('not json');
});

test('editableText - what is not edited goes back as it was', () => {
  for (const value of ['{"a":1}', '{ "a": 1 }', 'a\r\nb\r\n', 'a\nb', '', '[1,\n2]', 'x']) {
    const kind = editableText({ value });
    expect(kind.stored(kind.shown(value))).toBe(value);
  }
  const bytes = toBase64(Uint8Array.from({ length: 300 }, (_, i) => i % 256));
  const kind = editableText({ value: bytes, encoding: 'base64' });
  expect(kind.stored(kind.shown(bytes))).toBe(bytes);
});

test('hexDump - sixteen bytes in a line, with their place and their text', () => {
  expect(hexDump(bytesOf({ value: '0123456789abcdef!\u00e9' }))).toBe(
    lines(
      '00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef',
      `00000010  21 c3 a9${' '.repeat(40)}  !..`,
    ),
  );
});

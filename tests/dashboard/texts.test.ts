/** What the pages of a key make of texts, without a browser. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseExactNumbers } from '../../contract/exact-number.ts';
import { bytesOf, hexDump, toBase64 } from '../../dashboard/src/lib/bytes.ts';
import type { JsonSchema } from '../../dashboard/src/lib/json-schema.ts';
import { compactJson, formatJson } from '../../dashboard/src/lib/json-text.ts';
import { inFull } from '../../dashboard/src/lib/relative-time.ts';
import { validateSchema } from '../../dashboard/src/lib/validate-schema.ts';
import { editableText } from '../../dashboard/src/pages/key/editable-text.ts';
import { conflictsIn, merge3 } from '../../dashboard/src/pages/key/merge3.ts';
import { createCompiler } from '../../runtime/core/validate.ts';

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

type Input = Record<string, unknown>;

/** Inputs that are mostly wrong: each property as something else, left out, and one that nobody knows. */
function* wrongInputs(schema: JsonSchema, example: Input): Generator<Input> {
  yield example;
  yield { ...example, 'no/such~property': 1 };
  const odd: unknown[] = [
    '',
    'x'.repeat(1_100),
    '\u{1f600}* >',
    -1,
    1.5,
    2 ** 60,
    null,
    true,
    [],
    [{}, 1],
    {},
    { 'a b': [] },
  ];
  for (const name of Object.keys(schema.properties ?? {})) {
    const { [name]: _one, ...others } = example;
    yield others;
    for (const value of odd) yield { ...example, [name]: value };
  }
}

test('validateSchema - finds faults where the server does, with its words where those are shared', () => {
  const { functions } = JSON.parse(readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8'));
  const compile = createCompiler();
  const different: unknown[] = [];
  let compared = 0;
  for (const { name, input: schema, examples } of Object.values(functions) as FunctionOfManifest[]) {
    const server = compile(schema as Parameters<typeof compile>[0]);
    for (const input of wrongInputs(schema, examples[0]?.input ?? {})) {
      const said = server(input);
      const here = validateSchema(schema, input);
      // Of a name that is not allowed the server tells the object that has it.
      const placed = here.map(({ pointer, message }) =>
        /name that/.test(message) ? pointer.replace(/\/[^/]*$/, '') : pointer,
      );
      const isSaid = here.every(
        ({ pointer, message }) =>
          !SHARED.test(message) || said.some(one => one.pointer === pointer && one.message === message),
      );
      const same = String(placed.sort()) === String([...new Set(said.map(({ pointer }) => pointer))].sort());
      if (!same || !isSaid) different.push({ name, input, here, said });
      compared += 1;
    }
  }
  expect(different).toEqual([]);
  expect(compared).toBeGreaterThan(3_000);
});

/** Words that stand in contract/fault-words.ts. */
const SHARED = /^(is required|is not a known|must be one of|has characters)/;

interface FunctionOfManifest {
  name: string;
  input: JsonSchema;
  examples: { input: Input }[];
}

test('validateSchema - a number keeps its digits and is judged as the server reads it; half a character is no fault of ours', () => {
  const schema: JsonSchema = { type: 'object', properties: { n: { type: 'integer', maximum: 9 } } };
  const messages = (text: string) =>
    validateSchema(schema, parseExactNumbers(text)).map(({ message }) => message);
  expect(messages('{"n":7.0}')).toEqual([]);
  expect(messages('{"n":9007199254740993}')).toEqual(['must be <= 9']);
  expect(messages('{"n":1e400}')).toEqual(['must be integer']);
  expect(validateSchema({ ...schema, additionalProperties: false }, { '\ud800': 1 })).toHaveLength(1);
});

test('times - one in full is as the browser writes it, and what is no time says so', () => {
  const at = Date.parse('2026-03-01T10:20:30Z');
  const words = () => new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'medium' });
  expect(inFull(at)).toBe(words());
  // The zone changes while the page is open.
  for (const zone of ['Asia/Tokyo', 'America/New_York']) {
    process.env.TZ = zone;
    expect([zone, inFull(at)]).toEqual([zone, words()]);
  }
  expect(inFull(Date.parse('soon'))).toBe('no time');
});

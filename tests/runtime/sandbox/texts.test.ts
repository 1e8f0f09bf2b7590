import { afterAll, expect, test } from '@jest/globals';
import type { JsonLines } from '../../../runtime/core/json-lines.ts';
import { toJsonLines } from '../../../runtime/core/json-lines.ts';
import { hasControlBytes } from '../../../runtime/sandbox/host/json-scan.ts';
import { DEFAULT_LIMITS } from '../../../runtime/sandbox/host/limits.ts';
import { readRecord } from '../../../runtime/sandbox/host/records.ts';
import { openSandbox } from './support.ts';

const sandbox = openSandbox();
afterAll(() => sandbox.close());
/** Each text a line, an empty one too. */
function toLines(texts: string[]): JsonLines {
  const starts = texts.map((_, index) =>
    texts.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0),
  );
  return {
    text: texts.join('\n'),
    starts,
    ends: starts.map((start, index) => start + (texts[index] ?? '').length),
  };
}
const run = (script: string, texts: string[]) =>
  sandbox.run({ script, lines: toLines(texts), namespace: 'texts' });

test('texts - events come as JSON and leave as JSON, each on one line', async () => {
  const texts = [
    '{"n":1,"s":"a\\nb"}',
    ' { "n" : 2, "s": "日本 \\ud800 😀" } ',
    '{"n":3,"__proto__":{"x":1}}',
  ];
  const { results } = await run('return $', texts);
  expect(results.map(result => result.texts)).toEqual(texts.map(text => [JSON.stringify(JSON.parse(text))]));
  expect(results.map(({ events, outcome }) => [events, outcome])).toEqual(texts.map(() => [[], 'ok']));
});

test('texts - one to many, none, and an event that fails', async () => {
  const script = 'if ($.bad) throw new Error("no"); return $.list.map(n => ({ n }))';
  const { results } = await run(script, ['{"list":[1,2]}', '{"list":[]}', '{"bad":true}']);
  expect(results).toMatchObject([
    { outcome: 'ok', texts: ['{"n":1}', '{"n":2}'] },
    { outcome: 'skipped', texts: [] },
    { outcome: 'error', texts: [], error: { code: 'SCRIPT_ERROR', message: 'Error: no' } },
  ]);
});

test.each([
  ['no JSON', 'nothing'],
  ['a number', '5'],
  ['an array', '[{}]'],
  ['cut off', '{"a":'],
  ['two objects', '{}{}'],
  ['more than one element', '{},{}'],
  ['an end of the frame', '{}],"s":1,"e":[{}'],
  ['empty', ''],
])('texts - an event that is %s costs only itself, and reaches no other one', async (_name, text) => {
  const { results } = await run('return { saw: $ }', ['{"n":1}', text, '{"n":2}']);
  expect(results).toMatchObject([
    { texts: ['{"saw":{"n":1}}'] },
    { outcome: 'error', texts: [], error: { code: 'INVALID_INPUT' } },
    { texts: ['{"saw":{"n":2}}'] },
  ]);
});

test.each(['\n', '\r\n', '\n\n', '\n \u00a0\n'])('texts - lines with %j between them', async between => {
  const lines = toJsonLines(['{"n":1}', '{"n":2}', '{"n":3}'].join(between) + between);
  const { results } = await sandbox.run({ script: 'return $', lines, namespace: 'texts' });
  expect(results.map(({ texts }) => texts)).toEqual([['{"n":1}'], ['{"n":2}'], ['{"n":3}']]);
});

test('texts - an event in the middle that is refused leaves the others in their places', async () => {
  const lines = toJsonLines('{"n":1}\n[2]\n{"n":3}\n');
  const { results } = await sandbox.run({ script: 'return $', lines, namespace: 'texts' });
  expect(results.map(({ texts }) => texts)).toEqual([['{"n":1}'], [], ['{"n":3}']]);
});

test('texts - lone surrogates that leave unescaped keep every length', async () => {
  const script = 'return [{ raw: JSON.rawJSON(\'"\\ud800\\ud800"\') }, { after: "ü" }]';
  const { results } = await run(script, ['{}']);
  expect(results[0]?.texts?.map(text => JSON.parse(text))).toEqual([{ raw: '\ufffd\ufffd' }, { after: 'ü' }]);
});

test.each(['{"a":1}\n{"b":2}', '{\r"a":1}', '{"a":', '[1]', 'null', '1', '{"a":1},{"b":2}'])(
  'texts - a record with the text %j is refused, whoever wants it as text',
  text => {
    for (const asText of [true, false]) {
      const options = {
        limits: DEFAULT_LIMITS,
        asText,
        spend: () => undefined,
        isPlain: !hasControlBytes(Buffer.from(text), 0),
      };
      expect(readRecord([1, 0, [text]], options)).toBeUndefined();
    }
  },
);

import { describe, expect, test } from '@jest/globals';
import {
  forgetText,
  isOfTexts,
  keepText,
  parseExact,
  parseInput,
  stringifyExact,
  withBigints,
} from '../../contract/exact-json.ts';
import { exactNumber } from '../../contract/exact-number.ts';
import { seedOf } from '../support/seed.ts';

const TOKENS = [
  '{"a":9007199254740993}',
  '{"a":-9007199254740993}',
  '[1e400,-1e400,1E5,1e+2]',
  '[-0,-0.0,1.0,0.10,0.0000001]',
  '[0.1234567890123456789]',
  '{"b":1,"10":2,"9":3,"a":4}',
  '{"a":1,"b":2,"a":3}',
  '{"a":{"x":[1.0]},"a":{"x":[1]}}',
  '{"a":{"x":[1]},"a":{"x":[1.0]}}',
  '{"__proto__":{"a":1.0},"constructor":{"b":-0}}',
  String.raw`{"\u0061":"\u00e9\/\n","é":"\\\"{x.0} "}`,
  '[[[[1.00]]],{"a":{"b":{"c":1.50}}}]',
  '[]',
  '{"":{"":{"":1.0}}}',
];

describe('exact-json', () => {
  test.each(TOKENS)('%s is written as it was read, white space or not', text => {
    expect(stringifyExact(parseExact(text))).toBe(text);
    const spaced = text.replaceAll(/(?<!\\")([{}[\],:])(?=["[{\]}\d-])/g, '$1 \t\r\n');
    expect(stringifyExact(parseExact(spaced))).toBe(text);
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  test.each(TOKENS)('%s inside a body is written into an answer', text => {
    const body = parseExact(`{"items":[{"value":${text}},{"value":"x"},{"value":${text}}]}`) as {
      items: { value: unknown }[];
    };
    const [first, second] = body.items;
    expect(stringifyExact({ data: [{ a: 1, value: first?.value }, second] })).toBe(
      `{"data":[{"a":1,"value":${text}},{"value":"x"}]}`,
    );
    expect(JSON.parse(stringifyExact({ value: first?.value }, 2))).toEqual({ value: JSON.parse(text) });
  });

  test.each(TOKENS)('%s inside an input keeps its tokens, and texts beside it need none', text => {
    const input = parseInput(`{"value":${text},"text":"\\u0061"}`) as { value: object };
    expect(isOfTexts(input)).toBe(false);
    expect(stringifyExact(input.value)).toBe(text);
    const texts = parseInput(`{"json":${JSON.stringify(text)}, "text":"\\u0061"}`) as { json: string };
    expect([isOfTexts(texts), texts]).toEqual([true, { json: text, text: 'a' }]);
    expect(stringifyExact(texts)).toBe(JSON.stringify(texts));
    expect(() => parseInput(`{"json":${JSON.stringify(text)}`)).toThrow(SyntaxError);
  });

  test.each(['null', '"a"', '1', '["a"]', '{"a":"b","c":1.0}', '{"a":null}'])('%s is more than texts', text =>
    expect(isOfTexts(parseInput(text))).toBe(false),
  );

  test('any JSON that is made by chance keeps its tokens', () => {
    const seed = seedOf('KVFLOW_MODEL_SEED');
    const random = randomOf(seed);
    for (let round = 0; round < 2_000; round++) {
      const text = chance(random, 4);
      const written = stringifyExact({ v: parseExact(text) });
      if (written !== `{"v":${text}}`)
        throw new Error(`KVFLOW_MODEL_SEED=${seed}: ${text} became ${written}`);
    }
  });

  test('what JSON.stringify writes the same is remembered nowhere, and others are no longer once they were changed', () => {
    const value = parseExact('{"a":1.0}') as { a: number };
    value.a = 2;
    expect(stringifyExact(value)).toBe('{"a":1.0}');
    forgetText(value);
    expect(stringifyExact(value)).toBe('{"a":2}');
  });

  test('a copy takes the text over', () => {
    const value = parseExact('{"a":1.0}') as object;
    const copy = { ...value };
    keepText(value, copy);
    expect(stringifyExact([copy])).toBe('[{"a":1.0}]');
  });

  test('a number keeps its digits', () => {
    expect(JSON.stringify({ n: exactNumber('9007199254740993') })).toBe('{"n":9007199254740993}');
    expect(exactNumber('12.5')).toBe(12.5);
  });

  test('text that is no JSON is refused as JSON.parse refuses it, and depth needs no stack', () => {
    expect(() => parseExact('{"a":1.}')).toThrow(SyntaxError);
    const deep = `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`;
    expect(stringifyExact(parseExact(deep))).toBe(deep);
  });
});

function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SCALARS = [
  '1.0',
  '-0',
  '1e400',
  '12',
  'true',
  'null',
  '"a\\"b"',
  '"\\u0041"',
  '"{"',
  '9007199254740993',
];
const NAMES = ['"a"', '"b"', '"1"', '"02"', '"__proto__"', '"\\u0061"', '"toString"', '""'];

/** A list or an object of random content. */
function chance(random: (below: number) => number, depth: number): string {
  const isList = random(2) === 0;
  const parts = Array.from({ length: random(4) }, () => {
    const inner =
      depth > 0 && random(2) === 0 ? chance(random, depth - 1) : (SCALARS[random(SCALARS.length)] ?? '');
    return isList ? inner : `${NAMES[random(NAMES.length)]}:${inner}`;
  });
  return isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
}

test('exact JSON - of a number beyond a double the text is left, whole or not', () => {
  const value = parseExact('{"a":1e400,"b":[-1e400],"c":1e2,"d":9007199254740993}') as object;
  expect(withBigints(value)).toEqual({ a: '1e400', b: ['-1e400'], c: 100, d: 9007199254740993n });
});

test('exact JSON - what a number becomes is decided by its own text, whatever else the text holds', () => {
  const seed = seedOf('KVFLOW_MODEL_SEED');
  const random = randomOf(seed);
  for (let run = 0; run < 2_000; run++) {
    const number = numberText(random);
    const alone = parseExact(`{"n":${number},"in":[{"n":${number}}]}`) as object;
    const beside = parseExact(`{"n":${number},"in":[{"n":${number}}], "x": 1.0}`) as object;
    const { n, in: inner } = withBigints(alone) as { n: unknown; in: unknown };
    expect({ seed, number, told: { n, in: inner, x: 1 } }).toEqual({
      seed,
      number,
      told: withBigints(beside),
    });
    if (/^-?\d+$/.test(number) && Number.isFinite(Number(number)))
      expect(String(n)).toBe(String(BigInt(number)));
    else expect(typeof n).toBe(Number.isFinite(Number(number)) ? 'number' : 'string');
    // What was told apart once stays so.
    expect(withBigints(withBigints(beside))).toEqual(withBigints(beside));
  }
});

/** A number as JSON has it, whole or not, small and large, as JavaScript writes it or not. */
function numberText(random: (below: number) => number): string {
  const digits = Array.from({ length: 1 + random(24) }, () => random(10))
    .join('')
    .replace(/^0+(?=.)/, '');
  const sign = ['', '-'][random(2)];
  const exponents = ['', '', '', 'e2', 'e17', 'E+5', 'e-3', 'e400'];
  const number = `${sign}${digits}${['', '', `.${random(100)}`][random(3)]}${exponents[random(8)]}`;
  // As a program writes it that has read it as a double.
  return random(2) === 0 && Number.isFinite(Number(number)) ? JSON.stringify(Number(number)) : number;
}

test('exact JSON - parts of any object are told apart, and values that are no JSON are left as they are', () => {
  const at = new Date(0);
  const inner = parseExact('{"d":9007199254740993}');
  const given = { at, inner, list: [2 ** 53, 1e21, 0.5], big: 2n ** 70n, none: undefined, nan: Number.NaN };
  expect(withBigints(given)).toEqual({
    ...given,
    inner: { d: 9007199254740993n },
    list: [9007199254740992n, 1e21, 0.5],
  });
  expect(withBigints(given)).toMatchObject({ at });
  const plain = { a: [1, { b: 'x' }], c: Number.MAX_SAFE_INTEGER };
  expect(withBigints(plain)).toBe(plain);
});

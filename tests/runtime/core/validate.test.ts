import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import manifest from '../../../manifest.json' with { type: 'json' };
import { toFieldErrors } from '../../../runtime/core/ajv-faults.ts';
import { isTime } from '../../../runtime/core/is-time.ts';
import type { JsonSchema } from '../../../runtime/core/manifest.ts';
import type { Validator } from '../../../runtime/core/validate.ts';
import { compileSchema } from '../../../runtime/core/validate.ts';
import { createRandom } from '../../support/random.ts';
import { seedOf } from '../../support/seed.ts';

const VALUES_A_SCHEMA = 100;
const seed = seedOf('KVFLOW_FUZZ_SEED');
const random = createRandom(seed);

const ODD: unknown[] = [
  ...['', 'x', 'x'.repeat(1_100), '\u{1f600}* >', '\ud800', '12', '-3.5', '/a', 'a.b'],
  ...['2026-01-31T12:00:00Z', '2026-02-31T12:00:00Z', '2026-01-31T12:00:60Z', '2026-01-31'],
  ...[-1, 0, 1, 1.5, 2 ** 60, 1e300, Infinity, Number.NaN, null, true, false, undefined],
  ...[[], [1], [{}, 1], ['/a', '/a', '/b', '/b'], ['/a', 1, 1, '/a'], {}, { 'a b': [] }, { 'a/b~c': 1 }],
];
const NAMES = ['nobody', 'a/b', 'c~d', 'constructor', ''];

/** Something that fits nearly, or not at all. */
function valueFor(schema: JsonSchema, depth = 0): unknown {
  if (random.chance(0.1) || depth > 6) return structuredClone(random.pick(ODD));
  const { examples, enum: choices } = schema as Record<string, unknown[]>;
  if (examples && random.chance(0.4)) return structuredClone(random.pick(examples));
  if (choices && random.chance(0.7)) return random.pick(choices);
  switch (random.pick([schema.type].flat())) {
    case 'object':
      return objectFor(schema, depth);
    case 'array':
      return Array.from({ length: random.below(5) }, () => valueFor(Object(schema.items), depth + 1));
    case 'string':
      return textFor(schema);
    case 'integer':
    case 'number':
      return numberFor(schema);
    case 'boolean':
      return random.chance(0.5);
    default:
      return null;
  }
}

function objectFor({ properties, required, additionalProperties }: JsonSchema, depth: number): object {
  const chosen = Object.entries(Object(properties) as Record<string, JsonSchema>).filter(([name]) =>
    random.chance((required as string[] | undefined)?.includes(name) ? 0.9 : 0.4),
  );
  const named = chosen.map(([name, schema]) => [name, valueFor(schema, depth + 1)]);
  const more = Array.from({ length: random.chance(0.3) ? 2 : 0 }, () => [
    random.pick(NAMES),
    valueFor(Object(additionalProperties), depth + 1),
  ]);
  return Object.fromEntries(random.chance(0.5) ? [...named, ...more] : [...more, ...named.reverse()]);
}

function textFor({ minLength = 1, maxLength = 9 }: { minLength?: number; maxLength?: number }): string {
  const lengths = [minLength - 1, minLength, maxLength, maxLength + 1].filter(count => count >= 0);
  return random.pick(['a', '\u{1f600}', '/b']).repeat(Math.min(2_000, random.pick(lengths)));
}

function numberFor({ minimum = 0, maximum = 9 }: { minimum?: number; maximum?: number }): unknown {
  return random.pick([minimum, maximum, minimum - 1, maximum + 1, minimum + 0.5, String(minimum)]);
}

/** The same by ajv, which goes by the letter of JSON Schema. */
function byAjv(schema: JsonSchema): Validator {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    strictNumbers: true,
    ownProperties: true,
    logger: false,
  });
  ajv.addFormat('date-time', isTime);
  const check = ajv.compile(schema);
  return value => (check(value) ? [] : toFieldErrors(check.errors ?? []));
}

test(`validate - finds the faults that ajv finds, in its order and words, from seed ${seed}`, () => {
  let wrong = 0;
  for (const { name, input, output } of manifest.functions)
    for (const schema of [input, output] as JsonSchema[]) {
      const [ours, theirs] = [compileSchema(schema), byAjv(schema)];
      for (let count = 0; count < VALUES_A_SCHEMA; count++) {
        const value = valueFor(schema);
        const faults = theirs(value);
        wrong += faults.length === 0 ? 0 : 1;
        expect({ name, value, faults: ours(value) }).toEqual({ name, value, faults });
      }
    }
  expect(wrong).toBeGreaterThan(VALUES_A_SCHEMA);
});

test('validate - a schema with a keyword or a format that is not known is refused', () => {
  expect(() => compileSchema({ type: 'object', propertys: {} })).toThrow('propertys');
  expect(() => compileSchema({ properties: { at: { type: 'string', format: 'date' } } })).toThrow('date');
  expect(() => compileSchema({ type: 'array', uniqueItems: true, items: { type: 'object' } })).toThrow(
    'uniqueItems',
  );
});

test('validate - a list that is far too long is gone through once', () => {
  const check = compileSchema({ type: 'array', uniqueItems: true, maxItems: 3, items: { type: 'string' } });
  const long = Array.from({ length: 300_000 }, (_, index) => `/${index}`);
  expect(check(long)).toEqual([{ pointer: '', message: 'must NOT have more than 3 items' }]);
  expect(check(Array.from(long, () => 1))).toHaveLength(300_001);
});

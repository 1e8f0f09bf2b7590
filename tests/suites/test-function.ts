import { afterAll, describe, expect, test } from '@jest/globals';
import type { JsonSchema, ManifestFunction } from '../../runtime/core/manifest.ts';
import type { TestKvflow } from '../support/kvflow.ts';

/** What every function of the manifest must hold, whatever it does. `kvflow` answers an empty NATS each time. */
export function testFunctions(
  functions: readonly ManifestFunction[],
  kvflow: () => Promise<TestKvflow>,
): void {
  let starting: Promise<TestKvflow> | undefined;
  // What is refused changes nothing: one is enough for all of it.
  const refusing = (): Promise<TestKvflow> => {
    starting ??= kvflow();
    return starting;
  };
  afterAll(async () => await (await starting)?.[Symbol.asyncDispose]());
  for (const fn of functions) testFunction(fn, { kvflow, refusing });
}

/** An empty NATS each time, and one for all calls that are refused. */
interface Stages {
  kvflow(): Promise<TestKvflow>;
  refusing(): Promise<TestKvflow>;
}

/** How long a script may take is tested elsewhere: here a busy machine is given the time that it needs. */
const unhurried = (fn: ManifestFunction): object =>
  Object.keys(fn.input.properties ?? {}).includes('timeout_ms') ? { timeout_ms: 20_000 } : {};

function testFunction(fn: ManifestFunction, { kvflow, refusing }: Stages): void {
  describe(fn.name, () => {
    for (const example of fn.examples) {
      test(`${fn.name} - example: ${example.title}`, async () => {
        await using k = await kvflow();
        for (const call of example.given ?? []) await k.call(call.function, call.input);
        if (example.error) {
          expect((await k.fail(fn.name, example.input)).code).toBe(example.error);
        } else {
          const input = { ...unhurried(fn), ...example.input };
          expect(resembles(await k.call(fn.name, input), example.output)).toEqual([]);
          if (Object.keys(fn.input.properties ?? {}).includes('cursor'))
            expect(await k.fail(fn.name, { ...example.input, cursor: 'zzz' })).toMatchObject({
              code: 'INVALID_INPUT',
              errors: [{ pointer: '/cursor' }],
            });
        }
      });
    }

    test(`${fn.name} - refuses bad input and says where`, async () => {
      const k = await refusing();
      for (const { input, pointer } of badInputs(fn)) {
        const error = await k.fail(fn.name, input);
        expect({ input, code: error.code, status: error.status_code }).toEqual({
          input,
          code: 'INVALID_INPUT',
          status: 400,
        });
        expect(error.errors?.map(fault => fault.pointer)).toContain(pointer);
      }
    });

    test(`${fn.name} - tells every fault at once`, async () => {
      const k = await refusing();
      const error = await k.fail(fn.name, { ...goodInput(fn), not_a_property: 1, nor_this: 2 });
      expect(error.errors?.map(fault => fault.pointer)).toEqual(
        expect.arrayContaining(['/not_a_property', '/nor_this']),
      );
    });

    test(`${fn.name} - describes every property with an example`, () => {
      expect(undescribed(fn.input, '')).toEqual([]);
    });
  });
}

interface BadInput {
  input: unknown;
  pointer: string;
}

function goodInput(fn: ManifestFunction): Record<string, unknown> {
  return fn.examples.find(example => !example.error)?.input ?? {};
}

/** Each required property left out, each property of every wrong type, and things that are no object. */
function badInputs(fn: ManifestFunction): BadInput[] {
  const good = goodInput(fn);
  const required = (fn.input.required ?? []) as string[];
  const properties = (fn.input.properties ?? {}) as Record<string, JsonSchema>;
  const bad: BadInput[] = [null, 'text', 7, [], true].map(input => ({ input, pointer: '' }));
  for (const name of required) {
    const { [name]: _left, ...rest } = good;
    bad.push({ input: rest, pointer: `/${name}` });
  }
  for (const [name, schema] of Object.entries(properties)) {
    for (const value of valuesOfOtherTypes(schema)) {
      bad.push({ input: { ...good, [name]: value }, pointer: `/${name}` });
    }
  }
  return bad;
}

const SAMPLES: Record<string, unknown> = {
  string: 'text',
  integer: 7,
  boolean: true,
  object: {},
  array: [],
  null: null,
};

function valuesOfOtherTypes(schema: JsonSchema): unknown[] {
  const allowed = [schema.type ?? Object.keys(SAMPLES)].flat() as string[];
  const fits = (type: string) => allowed.includes(type) || (type === 'integer' && allowed.includes('number'));
  return Object.entries(SAMPLES).flatMap(([type, value]) => (fits(type) ? [] : [value]));
}

function undescribed(schema: JsonSchema, path: string): string[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  return Object.entries(properties).flatMap(([name, property]) => {
    const here = `${path}/${name}`;
    const said = typeof property.description === 'string' && Array.isArray(property.examples);
    return [...(said ? [] : [here]), ...undescribed(property, here)];
  });
}

/** Where an answer differs from the example's output, which may leave things out; any time stands for any other. */
function resembles(actual: unknown, example: unknown, path = ''): string[] {
  if (isTime(example)) return isTime(actual) ? [] : [`${path}: no time`];
  if (Array.isArray(example)) {
    if (!Array.isArray(actual) || actual.length !== example.length)
      return [`${path}: ${JSON.stringify(actual)}`];
    return example.flatMap((item, index) => resembles(actual[index], item, `${path}/${index}`));
  }
  if (typeof example === 'object' && example !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${path}: ${JSON.stringify(actual)}`];
    return Object.entries(example).flatMap(([name, value]) =>
      resembles((actual as Record<string, unknown>)[name], value, `${path}/${name}`),
    );
  }
  return actual === example ? [] : [`${path}: ${JSON.stringify(actual)} is not ${JSON.stringify(example)}`];
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
}

import type { JsonSchema, ManifestFunction } from '../../runtime/core/manifest.ts';
import type { Random } from '../support/random.ts';
import { createLearned } from './learned.ts';
import { BY_NAME, EITHER, EVENTS, ODD } from './names.ts';

/** Makes inputs of functions. */
export interface Inputs {
  /** Mostly what the schema allows; one in ten has something odd somewhere in it. */
  of(fn: Pick<ManifestFunction, 'input' | 'examples'>): unknown;
  /** Keeps cursors, revisions and the like of an answer, to be given again. */
  learn(answer: unknown, input: unknown): void;
}

const ODD_INPUTS = 0.1;
const OPTIONAL = 0.3;
/** How often an input is one of the function's examples, in a bucket of the tests. */
const EXAMPLES = 0.15;
/** How often what went together in an answer is given together. */
const TOGETHER = 0.4;

/** Makes inputs from schemas, with what is known by the names of properties; `more` are values for some that only this run has. */
export function createInputs(random: Random, more: Record<string, readonly unknown[]> = {}): Inputs {
  const learned = createLearned(random);
  return {
    of: ({ input: schema, examples = [] }) => {
      const input =
        examples.length > 0 && random.chance(EXAMPLES)
          ? likeExample(random.pick(examples).input)
          : fromSchema(schema, '');
      return random.chance(ODD_INPUTS) ? spoil(input) : input;
    },
    learn: learned.keep,
  };

  function likeExample(input: unknown): unknown {
    const copy = structuredClone(input) as Record<string, unknown>;
    const buckets = ['bucket', 'to_bucket', 'kv_bucket'].filter(name => Object.hasOwn(copy, name));
    for (const name of buckets) copy[name] = random.pick(BY_NAME[name] ?? []);
    return confirmed(copy);
  }

  function fromSchema(schema: JsonSchema, name: string): unknown {
    const known = learned.value(name);
    if (known !== undefined && fits(schema, known) && random.chance(0.6)) return known;
    const choices = schema.enum as unknown[] | undefined;
    if (choices && random.chance(0.9)) return random.pick(choices);
    const type = random.pick(
      [schema.type ?? ['string', 'integer', 'object', 'boolean', 'null']].flat() as string[],
    );
    const given = more[name] ?? BY_NAME[name];
    if (given && type !== 'array' && random.chance(0.85)) return pickFitting(schema, given);
    const examples = (schema.examples ?? []) as unknown[];
    // What has to look like something is rarely that by chance.
    if (examples.length > 0 && random.chance(schema.pattern ? 0.8 : 0.3))
      return structuredClone(random.pick(examples));
    return ofType(schema, type, name);
  }

  function pickFitting(schema: JsonSchema, from: readonly unknown[]): unknown {
    const fitting = from.filter(value => fits(schema, value));
    return random.pick(fitting.length > 0 && random.chance(0.9) ? fitting : from);
  }

  function ofType(schema: JsonSchema, type: string, name: string): unknown {
    switch (type) {
      case 'object':
        return object(schema);
      case 'array':
        return array(schema, name);
      case 'string':
        return text();
      case 'boolean':
        return random.chance(0.5);
      case 'null':
        return null;
      default:
        return number(schema);
    }
  }

  function object(schema: JsonSchema): unknown {
    const properties = schema.properties as Record<string, JsonSchema> | undefined;
    if (!properties) return structuredClone(random.pick(EVENTS));
    const required = new Set((schema.required ?? []) as string[]);
    const made: Record<string, unknown> = {};
    const all = random.chance(0.1);
    const { chosen, left } = oneOfEach(random.chance(0.9) ? Object.keys(properties) : []);
    for (const [name, property] of Object.entries(properties)) {
      if (left.has(name) && !required.has(name)) continue;
      const isOneOf = chosen.has(name) && random.chance(0.8);
      if (required.has(name) || all || isOneOf || random.chance(OPTIONAL))
        made[name] = fromSchema(property, name);
    }
    if (random.chance(TOGETHER)) Object.assign(made, learned.together(Object.keys(properties)));
    return required.has('confirm') ? confirmed(made) : made;
  }

  /** Of properties that exclude each other, those that are given and those that are left out. */
  function oneOfEach(names: readonly string[]): { chosen: Set<string>; left: Set<string> } {
    const [chosen, left] = [new Set<string>(), new Set<string>()];
    for (const group of EITHER) {
      const there = group.filter(name => names.includes(name) && !left.has(name));
      if (there.length < 2) continue;
      const one = random.pick(there);
      chosen.add(one);
      for (const name of there) if (name !== one) left.add(name);
    }
    return { chosen, left };
  }

  /** A bucket goes only where its name is given twice. */
  function confirmed(made: Record<string, unknown>): Record<string, unknown> {
    return random.chance(0.7) && 'confirm' in made ? { ...made, confirm: made.bucket } : made;
  }

  function array(schema: JsonSchema, name: string): unknown {
    const least = Number(schema.minItems ?? 0);
    const count = random.chance(0.02) ? 1_001 : Math.max(least, random.below(5));
    return Array.from({ length: count }, () => fromSchema((schema.items ?? {}) as JsonSchema, name));
  }

  function text(): string {
    const length = random.chance(0.05) ? 300 : random.below(12);
    return Array.from({ length }, () => random.pick([...'ab.c-_/=01 *>$é€"\'\\\n'])).join('');
  }

  function number(schema: JsonSchema): number {
    const least = Number(schema.minimum ?? -1_000);
    const most = Number(schema.maximum ?? 1_000);
    return random.pick([
      least,
      least + 1,
      Math.min(most, least + random.below(100)),
      most,
      Math.trunc(most / 2),
    ]);
  }

  /** Something odd in place of any of its parts, one part left out, or one too many. */
  function spoil(input: unknown): unknown {
    if (typeof input !== 'object' || input === null || random.chance(0.05))
      return structuredClone(random.pick(ODD));
    if (Array.isArray(input)) return spoiltList(input);
    const names = Object.keys(input);
    const name = names.length > 0 ? random.pick(names) : 'more';
    const copy = { ...input } as Record<string, unknown>;
    const how = random.next();
    if (how < 0.1) delete copy[name];
    else if (how < 0.2) copy[random.pick(['more', 'constructor', 'a/b', ''])] = random.pick(ODD);
    else copy[name] = how < 0.6 ? spoil(copy[name]) : structuredClone(random.pick(ODD));
    return copy;
  }

  function spoiltList(input: readonly unknown[]): unknown[] {
    const odd = structuredClone(random.pick(ODD));
    if (input.length === 0 || random.chance(0.2)) return [...input, odd];
    const at = random.below(input.length);
    return input.map((one, index) => (index === at ? (random.chance(0.5) ? spoil(one) : odd) : one));
  }
}

/** Whether a value is what the schema of a property takes, as far as that is seen quickly. */
function fits({ type, pattern, minLength = 0, minimum, maximum }: JsonSchema, value: unknown): boolean {
  if (type !== undefined && ![type].flat().some(one => isOfType(one as string, value))) return false;
  if (typeof value === 'string')
    return value.length >= Number(minLength) && (!pattern || new RegExp(pattern as string, 'u').test(value));
  if (typeof value !== 'number') return true;
  return value >= Number(minimum ?? value) && value <= Number(maximum ?? value);
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

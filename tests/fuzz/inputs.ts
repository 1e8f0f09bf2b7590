import type { JsonSchema, ManifestFunction } from '../../runtime/core/manifest.ts';
import type { Random } from '../support/random.ts';
import { createLearned } from './learned.ts';
import { BY_FUNCTION, BY_NAME, EITHER, EITHER_OF, EVENTS, MOSTLY_KNOWN, ODD } from './names.ts';

/** Makes inputs of functions. */
export interface Inputs {
  /** Mostly what the schema allows; one in ten has something odd somewhere in it. */
  of(fn: Pick<ManifestFunction, 'name' | 'input' | 'examples'>): unknown;
  /** Keeps an input that a function of this name took, and cursors, revisions and the like of its answer, to be given again. */
  learn(name: string, answer: unknown, input: unknown): void;
}

const ODD_INPUTS = 0.1;
/** How often a property is given that need not be; of many so many are, for one that is wrong is enough for the validator. */
const [OPTIONAL, OPTIONAL_OF_MANY] = [0.3, 2.5];
/** How often a list is longer than any function takes. */
const LONG_LISTS = 0.004;
/** How often an input is one of the function's examples, in a bucket of the tests. */
const EXAMPLES = 0.15;
/** How often an input is one that worked before, with one property made anew. */
const WORKED = 0.35;
const MAX_WORKED = 12;
/** What a call changes by itself, so that the same a second time is not what is there any more. */
const PASSING = ['expected_revision', 'cursor', 'receipt', 'fence'];
/** What a call made by itself, so that it has to be another one. */
const MADE = 'to';
/** How often what went together in an answer is given together. */
const [TOGETHER, TRIES_TOGETHER] = [0.5, 60];

/** Makes inputs from schemas, with what is known by the names of properties; `more` are values for some that only this run has. */
export function createInputs(random: Random, more: Record<string, readonly unknown[]> = {}): Inputs {
  const learned = createLearned(random);
  const worked = new Map<string, object[]>();
  let own: Record<string, readonly unknown[]> = {};
  let either = EITHER;
  return {
    of: fn => {
      own = BY_FUNCTION[fn.name] ?? {};
      either = EITHER_OF[fn.name] ?? EITHER;
      const input = made(fn);
      return random.chance(ODD_INPUTS) ? spoil(input) : input;
    },
    learn: (name, answer, input) => {
      learned.keep(answer, input);
      if (typeof input === 'object' && input !== null)
        worked.set(name, [input, ...(worked.get(name) ?? [])].slice(0, MAX_WORKED));
    },
  };

  function made({ name, input: schema, examples = [] }: Parameters<Inputs['of']>[0]): unknown {
    const before = worked.get(name);
    if (before && random.chance(WORKED)) return likeBefore(random.pick(before), schema);
    if (examples.length > 0 && random.chance(EXAMPLES)) return likeExample(random.pick(examples).input);
    return fromSchema(schema, '');
  }

  function likeBefore(input: object, schema: JsonSchema): unknown {
    const copy = structuredClone(input) as Record<string, unknown>;
    for (const name of PASSING) if (random.chance(0.8)) delete copy[name];
    const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
    const names = Object.keys(properties).filter(name => Object.hasOwn(copy, name));
    const anew = names.includes(MADE) ? MADE : random.pick(names);
    if (anew !== undefined) copy[anew] = fromSchema(properties[anew] ?? {}, anew);
    return confirmed(copy);
  }

  function likeExample(input: unknown): unknown {
    const copy = structuredClone(input) as Record<string, unknown>;
    const ours = ['bucket', 'to_bucket', 'kv_bucket', 'script_id'].filter(name => Object.hasOwn(copy, name));
    for (const name of ours) copy[name] = random.pick(own[name] ?? BY_NAME[name] ?? []);
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
    const given = own[name] ?? more[name] ?? BY_NAME[name];
    const isKnown = random.chance(MOSTLY_KNOWN.has(name) ? 0.98 : 0.85);
    if (given && type !== 'array' && isKnown) return pickFitting(schema, given);
    const examples = (schema.examples ?? []) as unknown[];
    // What has to look like something is rarely that by chance.
    if (!given && examples.length > 0 && random.chance(schema.pattern ? 0.8 : 0.3))
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
    const optional = Math.min(OPTIONAL, OPTIONAL_OF_MANY / Object.keys(properties).length);
    for (const [name, property] of Object.entries(properties)) {
      if (left.has(name) && !required.has(name)) continue;
      const isOneOf = chosen.has(name) && random.chance(0.9);
      if (required.has(name) || all || isOneOf || random.chance(optional))
        made[name] = fromSchema(property, name);
    }
    if (random.chance(TOGETHER)) Object.assign(made, together(Object.keys(properties)));
    return required.has('confirm') ? confirmed(made) : made;
  }

  /** What goes with what the function mostly works on. */
  function together(names: readonly string[]): Record<string, unknown> | undefined {
    const needed = Object.entries(own).filter(([name]) => names.includes(name));
    for (let tries = 0; tries < TRIES_TOGETHER; tries++) {
      const known = learned.together(names);
      if (known && needed.every(([name, values]) => values.includes(known[name]))) return known;
    }
    return undefined;
  }

  /** Of properties that exclude each other, those that are given and those that are left out. */
  function oneOfEach(names: readonly string[]): { chosen: Set<string>; left: Set<string> } {
    const [chosen, left] = [new Set<string>(), new Set<string>()];
    for (const group of either) {
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
    return random.chance(0.85) && 'confirm' in made ? { ...made, confirm: made.bucket } : made;
  }

  function array(schema: JsonSchema, name: string): unknown {
    const least = Number(schema.minItems ?? 0);
    const count = random.chance(LONG_LISTS) ? 1_001 : Math.max(least, random.below(5));
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
    return value.length >= Number(minLength) && (!pattern || patternOf(pattern as string).test(value));
  if (typeof value !== 'number') return true;
  return value >= Number(minimum ?? value) && value <= Number(maximum ?? value);
}

const patterns = new Map<string, RegExp>();

/** Compiled once. */
function patternOf(text: string): RegExp {
  const known = patterns.get(text) ?? new RegExp(text, 'u');
  patterns.set(text, known);
  return known;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

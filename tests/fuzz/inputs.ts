import type { JsonSchema } from '../../runtime/core/manifest.ts';
import type { Random } from '../support/random.ts';
import { BY_NAME, EVENTS, ODD } from './names.ts';

/** Makes inputs of functions. */
export interface Inputs {
  /** Mostly what the schema allows; one in six has something odd somewhere in it. */
  of(schema: JsonSchema): unknown;
  /** Keeps cursors, revisions and the like of an answer, to be given again. */
  learn(answer: unknown): void;
}

const ODD_INPUTS = 0.1;
const OPTIONAL = 0.3;
const MAX_LEARNED = 40;
/** Properties of answers that inputs take, by the names that they have there. */
const LEARNED: Record<string, readonly string[]> = {
  cursor: ['cursor'],
  revision: ['revision', 'expected_revision', 'start_seq'],
  next_seq: ['start_seq'],
  next_id: ['after_id'],
  fence: ['fence'],
  receipt: ['receipt'],
  id: ['id'],
  version: ['version', 'script_version'],
};

/** Makes inputs from schemas, with what is known by the names of properties. */
export function createInputs(random: Random): Inputs {
  const learned = new Map<string, unknown[]>();
  return {
    of: schema => {
      const input = fromSchema(schema, '');
      return random.chance(ODD_INPUTS) ? spoil(input) : input;
    },
    learn,
  };

  function fromSchema(schema: JsonSchema, name: string): unknown {
    const known = learned.get(name);
    if (known && random.chance(0.6)) return random.pick(known);
    const choices = schema.enum as unknown[] | undefined;
    if (choices && random.chance(0.9)) return random.pick(choices);
    const given = BY_NAME[name];
    const type = random.pick(
      [schema.type ?? ['string', 'integer', 'object', 'boolean', 'null']].flat() as string[],
    );
    if (given && type !== 'array' && random.chance(0.85)) return random.pick(given);
    const examples = schema.examples as unknown[] | undefined;
    if (examples && examples.length > 0 && random.chance(0.3)) return structuredClone(random.pick(examples));
    return ofType(schema, type, name);
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
    for (const [name, property] of Object.entries(properties)) {
      if (required.has(name) || all || random.chance(OPTIONAL)) made[name] = fromSchema(property, name);
    }
    // A bucket goes only where its name is given twice.
    if (required.has('confirm') && random.chance(0.3)) made.confirm = made.bucket;
    return made;
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
    const names = Object.keys(input);
    const name = names.length > 0 ? random.pick(names) : 'more';
    const copy = (Array.isArray(input) ? [...input] : { ...input }) as Record<string, unknown>;
    const how = random.next();
    if (how < 0.1) delete copy[name];
    else if (how < 0.2) copy[random.pick(['more', 'constructor', 'a/b', ''])] = random.pick(ODD);
    else copy[name] = how < 0.6 ? spoil(copy[name]) : structuredClone(random.pick(ODD));
    return copy;
  }

  function learn(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null) return;
    for (const [name, value] of Object.entries(answer).slice(0, 20)) {
      for (const taken of Object.hasOwn(LEARNED, name) ? (LEARNED[name] ?? []) : []) {
        const values = learned.get(taken) ?? [];
        learned.set(taken, [value, ...values].slice(0, MAX_LEARNED));
      }
      if (typeof value === 'object') learn(value);
    }
  }
}

import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import {
  choiceWords,
  PATTERN_WORDS,
  requiredWords,
  TIME_WORDS,
  typeWords,
  unknownWords,
  withHint,
} from '../../../contract/fault-words.ts';
import { namesOfPointer, pointerTo } from '../../../contract/pointer.ts';
import type { Fault } from '../api/api-error.ts';
import { type JsonSchema, typesOf } from './json-schema.ts';

/**
 * What is wrong with a value, the first fault of each place in it, with the words of the server, which has the last word anyway.
 * The validator reads the schema as it goes: the page's policy forbids those that make code out of it.
 */
export function validateSchema(schema: JsonSchema, value: unknown): Fault[] {
  const { errors } = validatorOf(schema).validate(plain(value));
  const faults = errors.flatMap(error => faultOf(error, schema));
  return [...Map.groupBy(faults, ({ pointer }) => pointer).values()].flatMap(([first]) => first ?? []);
}

/** Whether there is no fault. */
export function fitsSchema(schema: JsonSchema, value: unknown): boolean {
  return validateSchema(schema, value).length === 0;
}

const validators = new WeakMap<JsonSchema, Validator>();

function validatorOf(schema: JsonSchema): Validator {
  const known = validators.get(schema) ?? new Validator(schema as Schema, '2020-12', false);
  validators.set(schema, known);
  return known;
}

/** Half of a surrogate pair, which the validator cannot write into the place of a fault. */
const LONE_SURROGATE = /\\ud[89a-f][0-9a-f]{2}/gi;

/** As it will be sent. A number beyond what JavaScript has is none, as for the server. */
function plain(value: unknown): unknown {
  const text = (JSON.stringify(value) ?? 'null').replace(LONE_SURROGATE, '\\ufffd');
  return JSON.parse(text, (_name, part: unknown) =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part,
  );
}

/** What the keywords of our schemas say of a value that does not fit. Others only tell that there is a fault further inside. */
const WORDS: Record<string, (schema: JsonSchema) => string> = {
  type: schema => typeWords(typesOf(schema)),
  enum: ({ enum: values = [] }) => choiceWords(values),
  const: schema => `must be ${JSON.stringify(schema.const)}`,
  not: () => 'is not valid',
  minLength: ({ minLength }) =>
    minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`,
  maxLength: ({ maxLength }) => `must have at most ${maxLength} characters`,
  pattern: () => PATTERN_WORDS,
  format: ({ format }) => (format === 'date-time' ? TIME_WORDS : `must be written as ${format}`),
  minimum: ({ minimum }) => `must be >= ${minimum}`,
  maximum: ({ maximum }) => `must be <= ${maximum}`,
  exclusiveMinimum: schema => `must be > ${schema.exclusiveMinimum}`,
  exclusiveMaximum: schema => `must be < ${schema.exclusiveMaximum}`,
  multipleOf: ({ multipleOf }) => `must be a multiple of ${multipleOf}`,
  minItems: ({ minItems }) => `must have at least ${minItems} items`,
  maxItems: ({ maxItems }) => `must have at most ${maxItems} items`,
  uniqueItems: () => 'must not repeat an item',
  minProperties: ({ minProperties }) => `must have at least ${minProperties} properties`,
  maxProperties: ({ maxProperties }) => `must have at most ${maxProperties} properties`,
};

function faultOf(
  { keyword, keywordLocation, instanceLocation, error }: OutputUnit,
  root: JsonSchema,
): Fault[] {
  const at = decodeURI(instanceLocation.slice(1));
  const place = namesOfPointer(decodeURI(keywordLocation.slice(1)));
  const schema = schemaAt(root, place.slice(0, -1));
  const { properties = {}, 'x-hint': hint } = schema;
  if (place.at(-2) === 'propertyNames' && place.at(-3) !== 'properties') {
    return [{ pointer: at, message: withHint('has a name that is not allowed', hint) }];
  }
  // The validator names the property in its sentence alone.
  const [, name = ''] = /"(.*)"/s.exec(error) ?? [];
  if (keyword === 'required')
    return [{ pointer: pointerTo(at, name), message: requiredWords(properties[name]?.description) }];
  if (keyword === 'additionalProperties' && schema.additionalProperties === false)
    return [{ pointer: pointerTo(at, name), message: unknownWords(Object.keys(properties)) }];
  const words = WORDS[keyword]?.(schema);
  return words === undefined ? [] : [{ pointer: at, message: withHint(words, hint) }];
}

/** The part of a schema that a fault is of; none for the schema `false`, whose place the validator does not tell. */
function schemaAt(root: JsonSchema, names: readonly string[]): JsonSchema {
  return Object(names.reduce<unknown>((part, name) => Object(part)[name], root));
}

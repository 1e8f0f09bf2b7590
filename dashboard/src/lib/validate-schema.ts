import {
  choiceWords,
  PATTERN_WORDS,
  requiredWords,
  typeWords,
  unknownWords,
  withHint,
} from '../../../contract/fault-words.ts';
import { pointerTo } from '../../../contract/pointer.ts';
import type { Fault } from '../api/api-error.ts';
import { isExactNumber } from './exact-json.ts';
import type { JsonSchema, JsonType } from './json-schema.ts';
import { typesOf } from './json-schema.ts';

/**
 * Every fault of a value, with the words of the server. It reads the schema as it goes: a compiler of schemas would make
 * code out of text, which the page's policy forbids. Knows what our schemas use; the server has the last word anyway.
 */
export function validateSchema(schema: JsonSchema, exact: unknown, pointer = ''): Fault[] {
  const value = isExactNumber(exact) ? Number(exact.rawJSON) : exact;
  const types = typesOf(schema);
  if (types.length > 0 && !types.some(type => isOfType(value, type))) {
    return [fault(schema, pointer, typeWords(types))];
  }
  return [
    ...fixed(schema, value, pointer),
    ...(typeof value === 'string' ? text(schema, value, pointer) : []),
    ...(typeof value === 'number' ? number(schema, value, pointer) : []),
    ...(Array.isArray(value) ? list(schema, value, pointer) : []),
    ...(isObject(value) ? object(schema, value, pointer) : []),
    ...combined(schema, value, pointer),
  ];
}

/** Whether there is no fault. */
export function fitsSchema(schema: JsonSchema, value: unknown): boolean {
  return validateSchema(schema, value).length === 0;
}

/** A JSON object, not a list and not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function fixed(schema: JsonSchema, value: unknown, pointer: string): Fault[] {
  if (schema.enum && !schema.enum.some(one => same(one, value))) {
    return [fault(schema, pointer, choiceWords(schema.enum))];
  }
  if ('const' in schema && !same(schema.const, value)) {
    return [fault(schema, pointer, `must be ${JSON.stringify(schema.const)}`)];
  }
  return [];
}

function text(schema: JsonSchema, value: string, pointer: string): Fault[] {
  // Characters, as people and the server count them.
  const length = [...value].length;
  if (schema.minLength !== undefined && length < schema.minLength) {
    return [
      fault(
        schema,
        pointer,
        value === '' ? 'must not be empty' : `must have at least ${schema.minLength} characters`,
      ),
    ];
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [fault(schema, pointer, `must have at most ${schema.maxLength} characters`)];
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) {
    return [fault(schema, pointer, PATTERN_WORDS)];
  }
  if (schema.format === 'date-time' && !isDateTime(value)) {
    return [fault(schema, pointer, 'must be a time such as 2026-01-31T12:00:00Z')];
  }
  return [];
}

function isDateTime(value: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d(\.\d+)?(z|[+-]\d\d:\d\d)$/i.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function number(schema: JsonSchema, value: number, pointer: string): Fault[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const faults: [boolean, string][] = [
    [minimum !== undefined && value < minimum, `must be >= ${minimum}`],
    [maximum !== undefined && value > maximum, `must be <= ${maximum}`],
    [exclusiveMinimum !== undefined && value <= exclusiveMinimum, `must be > ${exclusiveMinimum}`],
    [exclusiveMaximum !== undefined && value >= exclusiveMaximum, `must be < ${exclusiveMaximum}`],
    [multipleOf !== undefined && value % multipleOf !== 0, `must be a multiple of ${multipleOf}`],
  ];
  return faults.filter(([found]) => found).map(([, message]) => fault(schema, pointer, message));
}

function list(schema: JsonSchema, value: unknown[], pointer: string): Fault[] {
  const { items, minItems, maxItems, uniqueItems } = schema;
  const faults: [boolean, string][] = [
    [minItems !== undefined && value.length < minItems, `must have at least ${minItems} items`],
    [maxItems !== undefined && value.length > maxItems, `must have at most ${maxItems} items`],
    [
      uniqueItems === true && new Set(value.map(one => JSON.stringify(one))).size < value.length,
      'must not repeat an item',
    ],
  ];
  return [
    ...faults.filter(([found]) => found).map(([, message]) => fault(schema, pointer, message)),
    ...(items ? value.flatMap((one, index) => validateSchema(items, one, pointerTo(pointer, index))) : []),
  ];
}

function object(schema: JsonSchema, value: Record<string, unknown>, pointer: string): Fault[] {
  const { properties = {}, required = [], additionalProperties, propertyNames, minProperties } = schema;
  const names = Object.keys(value).filter(name => value[name] !== undefined);
  const known = new Set(Object.keys(properties));
  return [
    ...required
      .filter(name => !names.includes(name))
      .map(name => ({
        pointer: pointerTo(pointer, name),
        message: requiredWords(properties[name]?.description),
      })),
    ...(minProperties !== undefined && names.length < minProperties
      ? [fault(schema, pointer, `must have at least ${minProperties} properties`)]
      : []),
    ...names.flatMap(name => {
      const at = pointerTo(pointer, name);
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const nameFaults = propertyNames
        ? validateSchema(propertyNames, name).map(() => fault(schema, at, 'has a name that is not allowed'))
        : [];
      if (property) return [...nameFaults, ...validateSchema(property, value[name], at)];
      if (additionalProperties === false)
        return [...nameFaults, { pointer: at, message: unknownWords(known) }];
      if (!isObject(additionalProperties)) return nameFaults;
      return [...nameFaults, ...validateSchema(additionalProperties, value[name], at)];
    }),
  ];
}

function combined(schema: JsonSchema, value: unknown, pointer: string): Fault[] {
  const { allOf = [], anyOf, oneOf, not } = schema;
  const branches = anyOf ?? oneOf;
  const faults = allOf.flatMap(one => validateSchema(one, value, pointer));
  if (branches && !branches.some(branch => fitsSchema(branch, value))) {
    faults.push(...closest(branches.map(branch => validateSchema(branch, value, pointer))));
  }
  if (not && fitsSchema(not, value)) faults.push(fault(schema, pointer, 'is not valid'));
  return faults;
}

/** Of the ways in which a value could fit, the one it is nearest to says what is missing. */
function closest(all: Fault[][]): Fault[] {
  return all.reduce((best, one) => (one.length < best.length ? one : best), all[0] ?? []);
}

function fault(schema: JsonSchema, pointer: string, message: string): Fault {
  return { pointer, message: withHint(message, schema['x-hint']) };
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

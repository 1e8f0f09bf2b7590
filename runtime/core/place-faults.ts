import type { PackError } from '../../contract/errors.ts';
import { nameOfToken } from '../../contract/pointer.ts';
import type { JsonSchema } from './manifest.ts';
import { repointed } from './pointing.ts';

/**
 * An error whose pointers name places of the caller's input, or properties that its schema has: a function may have made other
 * inputs of it, for a transaction or another function, and what those are called the caller never wrote. What a pointer has
 * beyond the last place that there is is cut off; `""` is the input itself.
 */
export function placedFaults(error: PackError, input: unknown, schema: JsonSchema): PackError {
  return repointed(error, pointer => placeOf(pointer, input, schema));
}

/** A list that a function makes of an input with one entry: what is said of the entry is said of the input. */
const ENTRY_OF_OURS = /^\/(operations|puts|items|keys|records)\/\d+(?=\/|$)/;

/** As much of a JSON pointer as there is in a value or its schema. */
export function placeOf(pointer: string, value: unknown, schema: JsonSchema): string {
  const within = placeFrom(pointer, value, schema);
  if (within === pointer || !ENTRY_OF_OURS.test(pointer) || within !== '') return within;
  return placeFrom(pointer.replace(ENTRY_OF_OURS, ''), value, schema);
}

function placeFrom(pointer: string, value: unknown, schema: JsonSchema): string {
  let [at, schemas, place]: [unknown, JsonSchema[], string] = [value, [schema], ''];
  for (const step of pointer.split('/').slice(1)) {
    const name = nameOfToken(step);
    // What a value of the caller's own lacks, which another schema asks for, is where it would be.
    if (isObject(at) && !schemas.some(each => each.properties) && pointer === `${place}/${step}`)
      return pointer;
    schemas = schemas.flatMap(each => schemasOf(each, name));
    const isThere = typeof at === 'object' && at !== null && Object.hasOwn(at, name);
    if (!isThere && (schemas.length === 0 || Array.isArray(at))) break;
    at = isThere ? (at as Record<string, unknown>)[name] : undefined;
    place += `/${step}`;
  }
  return place;
}

/** What a schema says of a member; an object that takes any name has all of them, a list has its items. */
function schemasOf(schema: JsonSchema, name: string): JsonSchema[] {
  const found: JsonSchema[] = [];
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  const known = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (known) found.push(known);
  else if (isObject(schema.additionalProperties)) found.push(schema.additionalProperties);
  if (isObject(schema.items) && /^\d+$/.test(name)) found.push(schema.items);
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap(word => (schema[word] ?? []) as JsonSchema[]);
  for (const inner of [...parts, schema.if, schema.then, schema.else]) {
    if (isObject(inner)) found.push(...schemasOf(inner, name));
  }
  return found;
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

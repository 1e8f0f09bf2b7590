import type { ParseArgsOptionsConfig } from 'node:util';
import { parseDuration } from '../../../contract/duration.ts';
import { parseExact } from '../../../contract/exact-json.ts';
import type { JsonSchema, ManifestFunction } from '../../core/manifest.ts';
import type { Flags } from './command.ts';
import { usageError } from './exit-codes.ts';

/** Nanoseconds of one step of a field that holds a time. */
const TIME_UNITS: Record<string, number> = {
  nanoseconds: 1,
  milliseconds: 1_000_000,
  seconds: 1_000_000_000,
};

/** A flag for each field of a function's input; of `include_values` also `--include-values`. */
export function fieldOptions(fn: ManifestFunction): ParseArgsOptionsConfig {
  const options = Object.entries(fieldsOf(fn)).flatMap(([name, schema]) => {
    const option = optionOf(schema);
    return [...new Set([name, dashed(name)])].map(flag => [flag, option] as const);
  });
  return Object.fromEntries(options);
}

/**
 * The fields that flags give, as their schemas have them: numbers, times such as `30m` as the field counts them, JSON for
 * objects and lists (a list also by its flag several times), text as it is. What does not fit is left as text, so that the
 * function's own check names the field.
 */
export function readFields(fn: ManifestFunction, flags: Flags): Record<string, unknown> {
  const given = Object.entries(fieldsOf(fn)).flatMap(([name, schema]) => {
    const flag = flags[name] ?? flags[dashed(name)];
    return flag === undefined ? [] : [[name, fieldValue(name, schema, flag)] as const];
  });
  return Object.fromEntries(given);
}

/** Input as JSON and fields by flag, which must not say two things of one field. Throws INVALID_INPUT. */
export function joinInput(json: unknown, fields: Record<string, unknown>): unknown {
  const names = Object.keys(fields);
  if (names.length === 0) return json;
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw usageError('The input must be a JSON object where fields are given by flags');
  const twice = names.find(name => Object.hasOwn(json, name));
  if (twice === undefined) return { ...json, ...fields };
  const hint = twice === 'key' ? ' The API key is --api-key here' : '';
  throw usageError(`"${twice}" is given by the input and by --${dashed(twice)}: give it once.${hint}`);
}

function fieldsOf({ input }: ManifestFunction): Record<string, JsonSchema> {
  return (input.properties ?? {}) as Record<string, JsonSchema>;
}

function dashed(name: string): string {
  return name.replaceAll('_', '-');
}

function optionOf(schema: JsonSchema): ParseArgsOptionsConfig[string] {
  if (schema.type === 'boolean') return { type: 'boolean' };
  return { type: 'string', multiple: typesOf(schema).includes('array') };
}

function typesOf({ type }: JsonSchema): string[] {
  return type === undefined ? [] : ([type].flat() as string[]);
}

function fieldValue(name: string, schema: JsonSchema, flag: NonNullable<Flags[string]>): unknown {
  if (typeof flag === 'boolean') return flag;
  const texts = [flag].flat().map(String);
  const [text = ''] = texts;
  const types = typesOf(schema);
  if (texts.length > 1) return texts.map(one => itemOf(name, schema, one));
  if (types.includes('string')) return text;
  if (types.includes('integer') || types.includes('number')) return numberOf(name, schema, text);
  const value = jsonOr(text);
  const isList = types.length === 1 && types[0] === 'array';
  return isList && !Array.isArray(value) ? [itemOf(name, schema, text)] : value;
}

function itemOf(name: string, { items }: JsonSchema, text: string): unknown {
  return fieldValue(name, (items ?? {}) as JsonSchema, text);
}

/** Throws INVALID_INPUT for a time that is none: what a field counts in is not how it is written here. */
function numberOf(name: string, schema: JsonSchema, text: string): unknown {
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return jsonOr(text);
  const unit = TIME_UNITS[String(schema['x-unit'])];
  if (unit === undefined) return text;
  const nanoseconds = parseDuration(text);
  if (nanoseconds !== undefined) return nanoseconds / unit;
  throw usageError(`--${dashed(name)} is "${text}": must be a time such as 30s, 30m, 12h or 7d`);
}

function jsonOr(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

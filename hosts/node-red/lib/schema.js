/** @import { FieldKind, JsonSchema } from './types.d.ts' */

/**
 * What a property is to a form, by its schema: `x-widget` and `x-unit` say what its type does not.
 * @param {JsonSchema} schema
 * @returns {FieldKind}
 */
export function kindOf(schema) {
  const types = [schema.type].flat();
  const widget = schema['x-widget'];
  // Lines of data come with the message, unlike a script, which belongs to the flow.
  if (widget === 'code') return schema.contentMediaType === undefined ? 'code' : 'text';
  if (widget === 'bucket') return widget;
  if (Array.isArray(schema.enum)) return 'choice';
  if (types.includes('string') && (types.includes('object') || types.includes('array'))) return 'value';
  if (schema['x-unit'] === 'nanoseconds') return 'duration';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('boolean')) return 'boolean';
  return types.includes('string') ? 'text' : 'json';
}

/**
 * Properties of an object's schema.
 * @param {JsonSchema} schema
 * @returns {Record<string, JsonSchema>}
 */
export function propertiesOf(schema) {
  return /** @type {Record<string, JsonSchema>} */ (schema.properties ?? {});
}

/**
 * Names of the properties that must be given.
 * @param {JsonSchema} schema
 * @returns {Set<string>}
 */
export function requiredOf(schema) {
  return new Set(/** @type {string[] | undefined} */ (schema.required) ?? []);
}

const ABBREVIATIONS = new Set(['api', 'id', 'json', 'kv', 'ms', 'sql', 'ttl', 'url']);
/** Names that no splitting makes a word of. */
const SPELLED = new Map([
  ['kv', 'Key-value state'],
  ['ndjson', 'NDJSON'],
  ['wait_ms', 'Wait (ms)'],
  ['timeout_ms', 'Time limit (ms)'],
  ['ttl', 'Time to live'],
  ['key_ttl', 'Time to live of keys'],
]);

/**
 * A property's name as words: its title, else its name, `expected_revision` being "Expected revision".
 * @param {string} name
 * @param {JsonSchema} schema
 * @returns {string}
 */
export function labelOf(name, schema) {
  if (typeof schema.title === 'string') return schema.title;
  const words = name.split('_').map(word => (ABBREVIATIONS.has(word) ? word.toUpperCase() : word));
  const text = SPELLED.get(name) ?? words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Types of a property in words, such as "string | object".
 * @param {JsonSchema} schema
 * @returns {string}
 */
export function typesOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  return [schema.type ?? 'any'].flat().join(' | ');
}

/**
 * What a field is for, where its unit is chosen beside it: `x-about` says it without the nanoseconds that the API counts in.
 * @param {JsonSchema} schema
 * @returns {string}
 */
export function aboutOf(schema) {
  return String(schema['x-about'] ?? schema.description ?? '');
}

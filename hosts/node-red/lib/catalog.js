import { batchEntry } from './batch-entry.js';
import { aboutOf, kindOf, labelOf, propertiesOf, requiredOf, typesOf } from './schema.js';
import { WATCH_SETTINGS } from './watch-settings.js';

/** @import { CatalogEntry, Field, JsonSchema, Manifest, ManifestFunction, Property } from './types.d.ts' */

const COLORS = { read: '#A6C8E0', write: '#E2B873' };
/** Icons in nodes/icons: a node has that of its own name, or of the longest beginning of it. */
const ICONS = ['kv-bucket', 'kv-key', 'kv-key-increment', 'kv-key-watch'];
/** What a trigger sets itself while it follows. */
const OF_TRIGGERS = new Set(['after', 'after_id', 'limit', 'wait_ms']);

/**
 * Every function of a manifest as Node-RED's nodes need it, and the nodes of our own.
 * @param {Manifest} manifest
 * @returns {CatalogEntry[]}
 */
export function catalogOf({ functions }) {
  const entries = functions.map(toEntry);
  return [...entries, batchEntry(entries)];
}

/**
 * @param {ManifestFunction} fn
 * @returns {CatalogEntry}
 */
function toEntry(fn) {
  const trigger = isFeed(fn);
  const events = propertiesOf(fn.output).events;
  return {
    name: fn.name,
    title: fn.title,
    about: fn.description,
    icon: `${iconOf(fn.name)}.svg`,
    color: fn.annotations.readOnly ? COLORS.read : COLORS.write,
    results: propertiesIn(trigger ? /** @type {JsonSchema} */ (events?.items) : fn.output),
    fields: fieldsOf(fn.input).filter(({ name }) => !trigger || !OF_TRIGGERS.has(name)),
    settings: trigger ? WATCH_SETTINGS : [],
    branches: mayMiss(fn) || fn.otherwise !== undefined,
    ...(fn.otherwise && { otherwise: fn.otherwise }),
    trigger,
    readOnly: fn.annotations.readOnly,
    automatic: propertiesOf(fn.input).json?.type === 'boolean',
    errors: fn.errors.filter(code => !mayMiss(fn) || code !== 'KEY_NOT_FOUND'),
  };
}

/**
 * A function that answers what came after a place, and waits for it, is one to be followed.
 * @param {ManifestFunction} fn
 */
function isFeed({ input }) {
  const properties = propertiesOf(input);
  return 'after' in properties && 'wait_ms' in properties;
}

/**
 * A key of the input that is not there is something to go on from; a script that is not there is a fault of the flow.
 * @param {ManifestFunction} fn
 */
function mayMiss({ errors, input }) {
  return errors.includes('KEY_NOT_FOUND') && 'key' in propertiesOf(input);
}

/** @param {string} name */
function iconOf(name) {
  const fitting = ICONS.filter(icon => name === icon || name.startsWith(`${icon}-`));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? 'kvflow';
}

/**
 * @param {JsonSchema} schema
 * @returns {Property[]}
 */
function propertiesIn(schema) {
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    types: typesOf(property),
    about: String(property.description ?? ''),
  }));
}

/**
 * What must be given comes first.
 * @param {JsonSchema} input
 * @returns {Field[]}
 */
function fieldsOf(input) {
  const required = requiredOf(input);
  const fields = Object.entries(propertiesOf(input)).map(([name, schema]) =>
    toField(name, schema, required.has(name)),
  );
  return [...fields.filter(field => field.required), ...fields.filter(field => !field.required)];
}

/**
 * @param {string} name
 * @param {JsonSchema} schema
 * @param {boolean} required
 * @returns {Field}
 */
function toField(name, schema, required) {
  const { enum: choices, default: fallback, examples } = schema;
  const example = Array.isArray(examples) ? examples[0] : undefined;
  return {
    name,
    label: labelOf(name, schema),
    about: aboutOf(schema),
    types: typesOf(schema),
    kind: kindOf(schema),
    required,
    ...(Array.isArray(choices) && { choices }),
    ...(fallback !== undefined && { default: fallback }),
    ...(typeof example === 'string' && { example }),
  };
}

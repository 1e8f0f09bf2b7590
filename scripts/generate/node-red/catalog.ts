import type { CatalogEntry, Field } from '../../../hosts/node-red/lib/types.d.ts';
import type { JsonSchema, Manifest, ManifestFunction } from '../../../runtime/core/manifest.ts';
import { kindOf, propertiesOf, requiredOf } from '../hosts/schema.ts';

/** The manifest as Node-RED's nodes need it. `icons` are the names of the icons there are, without `.svg`. */
export function nodeRedCatalog(manifest: Manifest, icons: string[]): CatalogEntry[] {
  return manifest.functions.map(fn => toEntry(fn, icons));
}

/** What a trigger sets itself while it follows. */
const OF_TRIGGERS = new Set(['after', 'limit', 'wait_ms']);
const COLORS = { read: '#A6C8E0', write: '#E2B873' };

function toEntry(fn: ManifestFunction, icons: string[]): CatalogEntry {
  const trigger = isFeed(fn);
  const fields = fieldsOf(fn.input).filter(({ name }) => !trigger || !OF_TRIGGERS.has(name));
  return {
    name: fn.name,
    title: fn.title,
    icon: `${iconOf(fn.name, icons)}.svg`,
    color: fn.annotations.readOnly ? COLORS.read : COLORS.write,
    results: Object.keys(propertiesOf(fn.output)),
    fields,
    branches: mayMiss(fn) || fn.otherwise !== undefined,
    ...(fn.otherwise && { otherwise: fn.otherwise }),
    trigger,
    readOnly: fn.annotations.readOnly,
    automatic: propertiesOf(fn.input).json?.type === 'boolean',
  };
}

/** A function that answers what came after a place, and waits for it, is one to be followed. */
function isFeed({ input }: ManifestFunction): boolean {
  const properties = propertiesOf(input);
  return 'after' in properties && 'wait_ms' in properties;
}

/** A key of the input that is not there is something to go on from; a script that is not there is a fault of the flow. */
function mayMiss({ errors, input }: ManifestFunction): boolean {
  return errors.includes('KEY_NOT_FOUND') && 'key' in propertiesOf(input);
}

/** The icon of the function's own name, or of the longest beginning of it that has one. */
function iconOf(name: string, icons: string[]): string {
  const fitting = icons.filter(icon => name === icon || name.startsWith(`${icon}-`));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? 'kvflow';
}

/** What must be given comes first. */
function fieldsOf(input: JsonSchema): Field[] {
  const required = requiredOf(input);
  const fields = Object.entries(propertiesOf(input)).map(([name, schema]) =>
    toField(name, schema, required.has(name)),
  );
  return [...fields.filter(field => field.required), ...fields.filter(field => !field.required)];
}

function toField(name: string, schema: JsonSchema, required: boolean): Field {
  const { enum: choices, default: fallback, examples } = schema;
  const example = Array.isArray(examples) ? examples[0] : undefined;
  return {
    name,
    kind: kindOf(schema),
    required,
    ...(Array.isArray(choices) && { choices: choices as (string | number)[] }),
    ...(fallback !== undefined && { default: fallback }),
    ...(typeof example === 'string' && { example }),
  };
}

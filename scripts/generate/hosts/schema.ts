import type { JsonSchema } from '../../../runtime/core/manifest.ts';

/** What a property is to a form. */
export type Kind =
  | 'bucket'
  | 'code'
  | 'choice'
  | 'value'
  | 'duration'
  | 'number'
  | 'boolean'
  | 'text'
  | 'json';

/** Reads the kind off a property's schema. */
export function kindOf(schema: JsonSchema): Kind {
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

/** Properties of an object's schema. */
export function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>;
}

/** Names of the properties that must be given. */
export function requiredOf(schema: JsonSchema): Set<string> {
  return new Set((schema.required as string[] | undefined) ?? []);
}

/** How a property is given in a form of a tool: a node of Node-RED or n8n. */
export type FieldKind =
  | 'bucket'
  | 'code'
  | 'choice'
  | 'value'
  | 'duration'
  | 'number'
  | 'boolean'
  | 'text'
  | 'json';

/** What of a property's schema says it. */
export interface KindOfSchema {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  contentMediaType?: string;
  'x-widget'?: string;
  'x-unit'?: string;
}

/** Reads it off the schema: `x-widget` and `x-unit` say what the type does not. */
export function fieldKind(schema: KindOfSchema): FieldKind {
  const types = [schema.type ?? []].flat();
  const widget = schema['x-widget'];
  // Lines of data come with what is sent, unlike a script, which belongs to the flow.
  if (widget === 'code') return schema.contentMediaType === undefined ? 'code' : 'text';
  if (widget === 'bucket') return 'bucket';
  if (schema.enum) return 'choice';
  if (types.includes('string') && (types.includes('object') || types.includes('array'))) return 'value';
  if (schema['x-unit'] === 'nanoseconds') return 'duration';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('boolean')) return 'boolean';
  return types.includes('string') ? 'text' : 'json';
}

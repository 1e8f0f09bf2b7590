import type { JsonSchema } from '../../../lib/json-schema.ts';
import { typesOf } from '../../../lib/json-schema.ts';

/** What a property is to the nodes of Node-RED and n8n. */
export type HostKind =
  | 'bucket'
  | 'code'
  | 'choice'
  | 'value'
  | 'duration'
  | 'number'
  | 'boolean'
  | 'text'
  | 'json';

/** Reads it off the schema, as the nodes' packages do. */
export function hostKind(schema: JsonSchema): HostKind {
  const types = typesOf(schema);
  const widget = schema['x-widget'];
  if (widget === 'code') return schema.contentMediaType === undefined ? 'code' : 'text';
  if (widget === 'bucket') return 'bucket';
  if (schema.enum) return 'choice';
  if (types.includes('string') && (types.includes('object') || types.includes('array'))) return 'value';
  if (schema['x-unit'] === 'nanoseconds') return 'duration';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('boolean')) return 'boolean';
  return types.includes('string') ? 'text' : 'json';
}

import type { JsonSchema } from '../../lib/json-schema.ts';
import { typesOf } from '../../lib/json-schema.ts';

/** How a value is entered. */
export type FieldKind =
  | 'enum'
  | 'boolean'
  | 'duration'
  | 'bytes'
  | 'number'
  | 'text'
  | 'bucket'
  | 'code'
  | 'text-or-json'
  | 'text-or-number'
  | 'null'
  | 'object'
  | 'map'
  | 'texts'
  | 'list'
  | 'json';

/** Decides by the schema; what it does not know is entered as JSON. */
export function fieldKind(schema: JsonSchema): FieldKind {
  if (schema.enum) return 'enum';
  const types = typesOf(schema);
  const [type = 'json', other] = types.filter(one => one !== 'null');
  if (types.length === 1 && types[0] === 'null') return 'null';
  if (other !== undefined) return unionKind(types);
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'number':
      return amountKind(schema);
    case 'string':
      return textKind(schema);
    case 'array':
      return isPlainText(schema.items) ? 'texts' : schema.items ? 'list' : 'json';
    case 'object':
      return objectKind(schema);
    default:
      return 'json';
  }
}

/** Whether a value of this kind is long enough to take a row of its own. */
export function isWide(kind: FieldKind): boolean {
  return ['object', 'map', 'list', 'json', 'code', 'text-or-json'].includes(kind);
}

function amountKind(schema: JsonSchema): FieldKind {
  if (schema['x-unit'] === 'nanoseconds') return 'duration';
  return schema['x-unit'] === 'bytes' ? 'bytes' : 'number';
}

function textKind(schema: JsonSchema): FieldKind {
  if (schema['x-widget'] === 'bucket') return 'bucket';
  return schema['x-widget'] === 'code' ? 'code' : 'text';
}

function unionKind(types: string[]): FieldKind {
  if (types.includes('string') && (types.includes('object') || types.includes('array')))
    return 'text-or-json';
  return types.includes('string') ? 'text-or-number' : 'json';
}

function objectKind(schema: JsonSchema): FieldKind {
  if (Object.keys(schema.properties ?? {}).length > 0) return 'object';
  const { additionalProperties } = schema;
  return isPlainText(additionalProperties) ? 'map' : 'json';
}

function isPlainText(schema: boolean | JsonSchema | undefined): boolean {
  return typeof schema === 'object' && schema.type === 'string' && !schema.enum;
}

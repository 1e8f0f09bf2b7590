/** A JSON Schema document (2020-12), as far as anybody may look into it. */
export interface JsonSchema {
  title?: string;
  description?: string;
  type?: JsonType | JsonType[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  format?: string;
  contentMediaType?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  required?: string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  minProperties?: number;
  maxProperties?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  not?: JsonSchema;
  /** A secret: it is sent, and never answered. */
  writeOnly?: boolean;
  /** What to change when a value does not fit. */
  'x-hint'?: string;
  'x-unit'?: 'nanoseconds' | 'milliseconds' | 'seconds' | 'bytes';
  'x-widget'?: string;
}

/** The names of types in a schema. */
export type JsonType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';

/** The types a schema allows; none where it does not say. */
export function typesOf(schema: JsonSchema): JsonType[] {
  return schema.type === undefined ? [] : [schema.type].flat();
}

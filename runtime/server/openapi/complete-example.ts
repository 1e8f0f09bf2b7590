import type { JsonSchema } from '../../core/manifest.ts';

/**
 * An example of a schema that says what it is about, with everything else that the schema requires: the property's own
 * example or default, or the simplest value of its type. Mock servers and contract tests need whole answers.
 */
export function completeExample(schema: JsonSchema, example: unknown): unknown {
  if (Array.isArray(example)) {
    const items = (schema.items ?? {}) as JsonSchema;
    return example.map(item => completeExample(items, item));
  }
  if (typeof example !== 'object' || example === null) return example;
  const { properties, required } = shapeFor(schema, example);
  const missing = required.filter(name => !(name in example));
  return Object.fromEntries([
    ...Object.entries(example).map(([name, value]) => [name, completeExample(properties[name] ?? {}, value)]),
    ...missing.map(name => [name, anyValue(properties[name] ?? {})]),
  ]);
}

interface Shape {
  properties: Record<string, JsonSchema>;
  required: string[];
}

/** Of several forms the first that knows every property of the example. */
function shapeFor(schema: JsonSchema, example: object): Shape {
  const own = { properties: propertiesOf(schema), required: (schema.required ?? []) as string[] };
  const forms = (schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[];
  const form = forms.find(one => Object.keys(example).every(name => name in propertiesOf(one)));
  if (!form) return own;
  return {
    properties: { ...own.properties, ...propertiesOf(form) },
    required: [...new Set([...own.required, ...((form.required ?? []) as string[])])],
  };
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>;
}

const TIME = '2026-01-31T12:00:00.000Z';

function anyValue(schema: JsonSchema): unknown {
  const { examples, default: fallback, enum: choices, minimum } = schema;
  if ('const' in schema) return schema.const;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (fallback !== undefined) return fallback;
  if (Array.isArray(choices)) return choices[0];
  const [type] = [schema.type].flat();
  if (type === 'string') return schema.format === 'date-time' ? TIME : 'text';
  if (type === 'integer' || type === 'number') return typeof minimum === 'number' ? minimum : 0;
  if (type === 'boolean') return false;
  if (type === 'array') return [];
  const [form] = (schema.anyOf ?? schema.oneOf ?? []) as JsonSchema[];
  if (form) return anyValue(form);
  return type === 'object' ? completeExample(schema, {}) : null;
}

import type { JsonSchema } from '../../../core/manifest.ts';
import type { ValueCheck } from '../../../core/value-schema.ts';
import { formatValueSchema, valueCheckOf } from '../../../core/value-schema.ts';
import type { StreamConfig } from '../../stream-types.ts';

/** Where a bucket's schema of values is kept: in its stream's metadata, so that it is there for every process at once. */
const VALUE_SCHEMA = 'kvflow.value_schema';

/** The configuration with another schema; null and undefined: with none. Throws INVALID_INPUT. */
export function withValueSchema(config: StreamConfig, schema: JsonSchema | null | undefined): StreamConfig {
  const { [VALUE_SCHEMA]: _before, ...metadata } = config.metadata ?? {};
  return {
    ...config,
    metadata: schema ? { ...metadata, [VALUE_SCHEMA]: formatValueSchema(schema) } : metadata,
  };
}

/** The schema, where there is one that can be read. */
export function valueSchemaOf({ metadata }: StreamConfig): JsonSchema | undefined {
  const text = metadata?.[VALUE_SCHEMA];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as JsonSchema;
  } catch {
    return {};
  }
}

/** What checks values before they are written; undefined: nothing does. */
export function streamValueCheck({ metadata }: StreamConfig): ValueCheck | undefined {
  const text = metadata?.[VALUE_SCHEMA];
  return text === undefined ? undefined : valueCheckOf(text);
}

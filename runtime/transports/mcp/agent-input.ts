import { parseDuration } from '../../../contract/duration.ts';
import type { JsonSchema, ManifestFunction } from '../../core/manifest.ts';
import { AGENT_TOOLS } from './agent-tools.ts';

/**
 * What agents write, as functions take it: durations in words where the function has nanoseconds, scalars where it has text.
 * Inputs that fit are left as they are; what an agent leaves out may have another default than the function's.
 */
export function fromAgent(spec: ManifestFunction, input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const properties = (spec.input.properties ?? {}) as Record<string, JsonSchema>;
  const given = Object.entries({ ...AGENT_TOOLS[spec.name]?.defaults, ...input });
  return Object.fromEntries(given.map(([name, value]) => [name, read(value, properties[name])]));
}

function read(value: unknown, schema: JsonSchema | undefined): unknown {
  if (schema?.['x-unit'] === 'nanoseconds' && typeof value === 'string') {
    // What is no duration goes on as it is: the function says what is wrong with all of its input at once.
    return parseDuration(value) ?? value;
  }
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return isScalar && schema && isStored(schema) ? JSON.stringify(value) : value;
}

/** A value that is stored: text, or an object or list as JSON text. */
function isStored({ type }: JsonSchema): boolean {
  return Array.isArray(type) && type.includes('string') && type.includes('object');
}

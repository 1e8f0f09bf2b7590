import { durationWords } from '../../../contract/duration.ts';
import { formatBytes } from './format.ts';
import type { JsonSchema } from './json-schema.ts';
import { writeVisible } from './visible-json.ts';
import { visibleText } from './visible-text.ts';

const LONGEST = 60;

/** What will be sent, a text for each property: `ttl 1 hour`, `history 5`. Amounts are in people's units. */
export function inWords(schema: JsonSchema, value: Record<string, unknown>): string[] {
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => `${visibleText(name)} ${valueInWords(schema.properties?.[name], one)}`);
}

/** One value of a property in words. */
export function valueInWords(schema: JsonSchema | undefined, value: unknown): string {
  if (schema?.writeOnly) return 'as entered';
  if (value === undefined) return 'not set';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && schema?.['x-unit'] === 'nanoseconds') return durationWords(value);
  if (typeof value === 'number' && schema?.['x-unit'] === 'bytes')
    return value < 0 ? 'no limit' : formatBytes(value);
  const text = typeof value === 'string' ? visibleText(value) || 'empty' : writeVisible(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

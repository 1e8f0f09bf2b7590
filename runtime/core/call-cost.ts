import type { JsonSchema } from './manifest.ts';

/** The mark in a schema of a list whose every entry is a call to a rate limit, as every item of a batch is. */
export const COUNTS_MARK = 'x-kvflow-counts';

/** The mark in the schema of an output that may be far larger than its input: with values, events, rows or errors of many items. */
export const ANSWERS_MUCH_MARK = 'x-kvflow-answers-much';

/** Says how many calls an input is to a rate limit: one, or one for each entry of its marked lists. It need not be valid. */
export function callCounter(schema: JsonSchema): (input: unknown) => number {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const counted = properties.flatMap(([name, inner]) => (inner[COUNTS_MARK] === true ? [name] : []));
  if (counted.length === 0) return () => 1;
  return input => {
    const given = Object(input) as Record<string, unknown>;
    const entries = counted.map(name => given[name]).map(list => (Array.isArray(list) ? list.length : 0));
    return Math.max(
      1,
      entries.reduce((sum, count) => sum + count, 0),
    );
  };
}

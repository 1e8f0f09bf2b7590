import type { JsonSchema } from './manifest.ts';

/** What a property of an input may name: rights are checked by it. `none`: nothing, though its name sounds so. */
export const NAMED_KINDS = [
  'bucket',
  'stream',
  'subject',
  'destination',
  'table',
  'namespace',
  'script',
  'none',
] as const;

/** Kind of thing that a property marked with `x-kvflow-names` names. */
export type NamedKind = (typeof NAMED_KINDS)[number];

/** The mark in a schema. */
export const NAMES_MARK = 'x-kvflow-names';

/** Beside the mark: an input with this switch on names nothing by default; what it reaches the function checks item by item. */
export const UNLESS_MARK = 'x-kvflow-unless';

/** A marked property: where it is, and what it names. */
export interface NamedProperty {
  /** Names of properties; `*` stands for every item of a list. */
  path: readonly string[];
  kind: NamedKind;
  /** What is meant where the property is left out. */
  default?: string;
  /** A switch of the input: where it is on, nothing is meant by default. */
  unless?: string;
}

/** One thing that an input names. */
export interface Named {
  kind: NamedKind;
  name: string;
}

/** The marked properties of an input's schema, however deep. */
export function namedProperties(schema: JsonSchema, path: readonly string[] = []): NamedProperty[] {
  const found: NamedProperty[] = [];
  const kind = schema[NAMES_MARK] as NamedKind | undefined;
  if (kind) {
    const { default: usual, [UNLESS_MARK]: unless } = schema;
    found.push({
      path,
      kind,
      ...(typeof usual === 'string' && { default: usual }),
      ...(typeof unless === 'string' && { unless }),
    });
  }
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  for (const [name, inner] of Object.entries(properties))
    found.push(...namedProperties(inner, [...path, name]));
  if (isSchema(schema.items)) found.push(...namedProperties(schema.items, [...path, '*']));
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    for (const inner of (schema[word] ?? []) as JsonSchema[]) found.push(...namedProperties(inner, path));
  }
  return found;
}

/** What an input names, defaults included. */
export function namesIn(properties: readonly NamedProperty[], input: unknown): Named[] {
  return properties.flatMap(({ path, kind, default: usual, unless }) => {
    const names = valuesAt(input, path).filter(value => typeof value === 'string');
    const isOff = unless === undefined || !valuesAt(input, [unless]).includes(true);
    return (names.length === 0 && usual !== undefined && isOff ? [usual] : names).map(name => ({
      kind,
      name,
    }));
  });
}

function valuesAt(value: unknown, [step, ...rest]: readonly string[]): unknown[] {
  if (step === undefined) return [value];
  if (step === '*') return Array.isArray(value) ? value.flatMap(item => valuesAt(item, rest)) : [];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return valuesAt((value as Record<string, unknown>)[step], rest);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

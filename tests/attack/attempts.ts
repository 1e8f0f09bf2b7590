/** What a limited key may try, made from the schemas alone: a function or property that comes later is tried as well. */
import { OWN_BUCKETS } from '../../contract/own-buckets.ts';
import type { ManifestFunction } from '../../runtime/core/manifest.ts';
import type { NamedProperty } from '../../runtime/core/named-in-schema.ts';
import { namedProperties } from '../../runtime/core/named-in-schema.ts';
import type { Principal } from '../../runtime/core/principal.ts';

/** Has every function, and of everything else only what is called `mine`. */
export const LIMITED: Principal = {
  name: 'limited',
  functions: ['*'],
  // Patterns that would cover buckets of kvflow itself, which take their whole names.
  buckets: ['mine-*', 'kvflow_*', 'transform_*', 'anonymous_*', 'recognition_*'],
  readOnly: false,
  subjects: ['mine.>'],
  destinations: ['mine'],
  tables: ['mine_*'],
  namespaces: ['mine'],
  flows: false,
};

/** One call that reaches for what the key was not given. */
export interface Attempt {
  title: string;
  function: string;
  input: Record<string, unknown>;
  /** What it reaches for, as the schema marks it. */
  kind: string;
}

/** Names of each kind that the key was not given; those with a meaning of their own are tried too. */
const FOREIGN: Record<string, readonly string[]> = {
  bucket: ['secret', ...Object.keys(OWN_BUCKETS), 'kvflow_later', 'mine'],
  stream: ['secret', 'KV_secret'],
  subject: [
    'other.>',
    '>',
    'kvflow.fn.kv-key-get',
    '$KV.secret.>',
    '$JS.API.>',
    '$SYS.>',
    '$SYS.REQ.SERVER.PING',
    '_INBOX.x',
    '{{wildcard(1)}}.x',
    'mine',
  ],
  destination: ['crm'],
  namespace: ['payroll'],
  script: ['theirs'],
  // Judged with their destination: see tables.test.ts.
  table: [],
  none: [],
};

/** Every marked property of every function, each with every foreign name. */
export function attempts(functions: readonly ManifestFunction[]): Attempt[] {
  return functions.flatMap(spec =>
    namedProperties(spec.input).flatMap(property =>
      (FOREIGN[property.kind] ?? []).map(name => ({
        title: `${spec.name} /${property.path.join('/')} = ${name}`,
        function: spec.name,
        kind: property.kind,
        input: aimed(spec, property, name),
      })),
    ),
  );
}

/** A valid input of the function in which everything named is the key's own but for one. */
function aimed(spec: ManifestFunction, property: NamedProperty, name: string): Record<string, unknown> {
  const input = structuredClone(spec.examples.find(({ error }) => error !== 'INVALID_INPUT')?.input ?? {});
  for (const other of namedProperties(spec.input)) {
    const own = { bucket: 'mine-a', destination: 'mine', namespace: 'mine' }[other.kind as string];
    if (own && other.path.length === 1) input[other.path[0] ?? ''] = own;
  }
  const known = (spec.input.properties ?? {}) as Record<string, { examples?: unknown[] }>;
  for (const name of (spec.input.required ?? []) as string[]) input[name] ??= known[name]?.examples?.[0];
  if (property.kind === 'script') delete input.script;
  if (property.kind === 'script' && spec.name.endsWith('-put') && 'script' in known)
    input.script = 'return $';
  set(input, property.path, name);
  return input;
}

function set(target: Record<string, unknown>, [step = '', ...rest]: readonly string[], name: string): void {
  if (rest.length === 0) target[step] = name;
  else if (rest[0] === '*') {
    const item = {};
    set(item, rest.slice(1), name);
    target[step] = [item];
  } else {
    const inner = {};
    set(inner, rest, name);
    target[step] = inner;
  }
}

const SUSPICIOUS = /bucket|stream|subject|table|script_id|namespace|destination|mirror|^src$|^dest$|^source$/;

/** Properties of inputs whose names sound as if they named something, and that say neither what nor that they do not. */
export function unmarked(functions: readonly ManifestFunction[]): string[] {
  return functions.flatMap(({ name, input }) =>
    textProperties(input, [name])
      .filter(([, marked]) => !marked)
      .map(([path]) => path),
  );
}

function textProperties(schema: Record<string, unknown>, path: readonly string[]): [string, boolean][] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>);
  const found = properties.flatMap(([name, inner]) => {
    const here: [string, boolean][] =
      SUSPICIOUS.test(name) && [inner.type].flat().includes('string')
        ? [[[...path, name].join('/'), 'x-kvflow-names' in inner]]
        : [];
    return [...here, ...textProperties(inner, [...path, name])];
  });
  const items = schema.items as Record<string, unknown> | undefined;
  return items ? [...found, ...textProperties(items, [...path, '*'])] : found;
}

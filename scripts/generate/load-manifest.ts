import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Annotations,
  Example,
  JsonSchema,
  Manifest,
  ManifestFunction,
} from '../../runtime/core/manifest.ts';

/** The manifest, and the documents it was made from. */
export interface Loaded {
  manifest: Manifest;
  /** schemas/shared by file, such as `key.json`. */
  shared: Fragments;
  /** schemas/<name>.json by function name. */
  documents: Map<string, SchemaDocument>;
}

/** What stands in several documents, or in several fragments. */
export type Fragments = Map<string, JsonSchema>;

/** One file of schemas/. */
export interface SchemaDocument {
  title: string;
  description: string;
  'x-kvflow': {
    category: string;
    annotations: Annotations;
    otherwise?: { property: string; name: string };
    admin?: true | string;
    errors: string[];
    /** Calls that set the scene of every example, before those of its own. */
    given?: Example['given'];
    examples: Example[];
  };
  $defs: { input: JsonSchema; output: JsonSchema };
}

/** Reads schemas/ and puts shared fragments in place of the references to them. */
export async function loadManifest(root: string): Promise<Loaded> {
  const shared = await loadFolder<JsonSchema>(join(root, 'schemas/shared'), name => `${name}.json`);
  const documents = await loadFolder<SchemaDocument>(join(root, 'schemas'), name => name);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const functions = [...documents].map(([name, document]) => toFunction(name, document, shared));
  return { manifest: { version, functions }, shared, documents };
}

async function loadFolder<T>(folder: string, nameOf: (name: string) => string): Promise<Map<string, T>> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.json')).sort();
  const entries = files.map(async file => {
    const text = await readFile(join(folder, file), 'utf8');
    return [nameOf(file.replace(/\.json$/, '')), JSON.parse(text) as T] as const;
  });
  return new Map(await Promise.all(entries));
}

/** What a reference leads to: `shared/key.json` in a document, `key.json` in a fragment beside it, as paths of files do. */
export function fragmentAt($ref: string, shared: Fragments): JsonSchema {
  const fragment = shared.get($ref.replace(/^shared\//, ''));
  if (!fragment) throw new Error(`schemas: no such fragment: ${$ref}`);
  return fragment;
}

function toFunction(name: string, document: SchemaDocument, shared: Fragments): ManifestFunction {
  const { title, description, $defs } = document;
  const { given = [], ...about } = document['x-kvflow'];
  return {
    name,
    title,
    description,
    ...about,
    examples: about.examples.map(example => withGiven(example, given)),
    input: inline($defs.input, shared) as JsonSchema,
    output: inline($defs.output, shared) as JsonSchema,
  };
}

function withGiven({ title, given = [], ...rest }: Example, before: NonNullable<Example['given']>): Example {
  const all = [...before, ...given];
  return { title, ...(all.length > 0 && { given: all }), ...rest };
}

/** Hosts get schemas that stand alone; what is written beside a reference overrides the fragment. */
function inline(node: unknown, shared: Fragments): unknown {
  if (Array.isArray(node)) return node.map(item => inline(item, shared));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, $schema: _dialect, $id: _place, ...rest } = node as JsonSchema;
  if (typeof $ref !== 'string') return mapValues(rest, value => inline(value, shared));
  const fragment = fragmentAt($ref, shared);
  return { ...(inline(fragment, shared) as JsonSchema), ...mapValues(rest, value => inline(value, shared)) };
}

function mapValues(object: JsonSchema, change: (value: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

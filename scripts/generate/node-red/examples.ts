import type { CatalogEntry, Field } from '../../../hosts/node-red/lib/types.d.ts';
import type { Example, Manifest } from '../../../runtime/core/manifest.ts';
import { isOwnedBucket } from '../../../runtime/core/principal.ts';

type ExampleCall = NonNullable<Example['given']>[number];

/** An example flow: a tab that can be imported, deployed and run as it is. */
export interface ExampleFlow {
  /** Type of the node that it is about. */
  name: string;
  nodes: Record<string, unknown>[];
  /** Ids of the nodes to press, in order, and of the debug nodes that show what came of it. */
  steps: { press: string; shown: string }[];
  /** Only where it shows a failure: its code. */
  error?: string;
}

const CONNECTION = {
  id: 'kvflow.connection',
  type: 'kvflow-connection',
  name: '',
  mode: 'embedded',
  servers: 'nats://127.0.0.1:4222',
  credsFile: '',
  domain: '',
  url: 'http://127.0.0.1:4280',
};
const BUCKET = 'user-preferences';
const COLUMN = 220;
const ROW = 80;

/** A flow for every node, made of the first example of its function that works, or of its first. */
export function exampleFlows(manifest: Manifest, catalog: CatalogEntry[]): ExampleFlow[] {
  const entries = new Map(catalog.map(entry => [entry.name, entry]));
  const made: ExampleCall = { function: 'kv-bucket-create', input: { bucket: BUCKET } };
  const put: ExampleCall = {
    function: 'kv-key-put',
    input: { bucket: BUCKET, key: 'theme', value: 'dark' },
  };
  return catalog.map(entry => {
    const { examples = [] } = manifest.functions.find(({ name }) => name === entry.name) ?? {};
    // Of what needs more than a bucket the first says what it lacks.
    const example = examples.find(({ error }) => !error) ?? examples[0];
    const input = example?.input ?? sampleInput(entry);
    const given = example?.given ?? (entry.settings.length > 0 ? [made] : []);
    const flow = flowOf(entry, {
      input,
      given: entry.trigger ? [made] : given,
      entries,
      ...(entry.trigger && { put }),
      ...(example?.error && { error: example.error }),
    });
    return { ...flow, nodes: withOwnBuckets(entry.name, flow.nodes) };
  });
}

/** Examples of functions share the names of their buckets and not the options: in flows each has its own, in whatever order they are run. */
function withOwnBuckets(name: string, nodes: Record<string, unknown>[]): Record<string, unknown>[] {
  const buckets = new Set(nodes.map(node => node.input_bucket).filter(bucket => typeof bucket === 'string'));
  let text = JSON.stringify(nodes);
  for (const bucket of buckets) {
    if (bucket === '' || isOwnedBucket(bucket)) continue;
    // As a text of its own, and in the text of an expression.
    for (const quote of ['"', '\\"'])
      text = text.replaceAll(`${quote}${bucket}${quote}`, `${quote}${bucket}-${name}${quote}`);
  }
  return JSON.parse(text);
}

/** What is said of each field by example, of those that must be given. */
function sampleInput({ fields }: CatalogEntry): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter(({ required }) => required)
      .map(({ name, example, kind }) => [name, kind === 'bucket' ? BUCKET : example]),
  );
}

interface Parts {
  input: Record<string, unknown>;
  given: ExampleCall[];
  entries: Map<string, CatalogEntry>;
  /** Only of a trigger: what it tells of. */
  put?: ExampleCall;
  /** Only of an example that fails. */
  error?: string;
}

function flowOf(entry: CatalogEntry, { input, given, entries, put, error }: Parts): ExampleFlow {
  const tab = `kvflow.${entry.name}`;
  const place = (id: string, column: number, row: number) => ({
    id: `${tab}.${id}`,
    z: tab,
    x: 120 + column * COLUMN,
    y: 40 + row * ROW,
  });
  const chain = (calls: ExampleCall[], { id, label, row }: { id: string; label: string; row: number }) => {
    const ids = [...calls.map((_call, index) => `${tab}.${id}.${index}`), `${tab}.${id}.shown`];
    const nodes = calls.map((call, index) => ({
      ...place(`${id}.${index}`, index + 1, row),
      ...nodeOf(entries.get(call.function), call.input),
      wires: outputs(entries.get(call.function), [ids[index + 1] ?? '']),
    }));
    const inject = { ...place(id, 0, row), type: 'inject', name: label, props: [], wires: [[ids[0] ?? '']] };
    const debug = { ...place(`${id}.shown`, calls.length + 1, row), ...debugNode(label) };
    return { nodes: [inject, ...nodes, debug], step: { press: `${tab}.${id}`, shown: `${tab}.${id}.shown` } };
  };
  const setUp = given.length > 0 ? [chain(given, { id: 'setup', label: 'set up', row: 1 })] : [];
  const run = chain([put ?? { function: entry.name, input }], {
    id: 'run',
    label: put ? 'put' : 'run',
    row: 2,
  });
  const watch = put
    ? [
        { ...place('watch', 1, 3), ...nodeOf(entry, input), wires: [[`${tab}.change`]] },
        { ...place('change', 2, 3), ...debugNode('a change') },
      ]
    : [];
  const step = put ? { press: run.step.press, shown: `${tab}.change` } : run.step;
  return {
    name: entry.name,
    ...(error && { error }),
    nodes: [
      { id: tab, type: 'tab', label: entry.name, disabled: false, info: entry.about },
      CONNECTION,
      { ...place('comment', 0, 0), type: 'comment', name: entry.title, info: entry.about, wires: [] },
      ...setUp.flatMap(({ nodes }) => nodes),
      ...run.nodes,
      ...watch,
      { ...place('catch', 0, 4), type: 'catch', name: 'failures', scope: null, wires: [[`${tab}.failed`]] },
      { ...place('failed', 1, 4), ...debugNode('failed', 'error') },
    ],
    steps: [...setUp.map(one => one.step), step],
  };
}

function nodeOf(entry: CatalogEntry | undefined, input: Record<string, unknown>): Record<string, unknown> {
  if (!entry) throw new Error('an example names a function that is not there');
  const fields = entry.fields.flatMap(field => fieldOf(field, input[field.name]));
  return {
    type: entry.name,
    name: '',
    connection: CONNECTION.id,
    ...Object.fromEntries(fields),
    ...Object.fromEntries(entry.settings.map(setting => [setting.name, setting.default])),
    ...(entry.trigger ? { inputs: 0 } : { pick: '', result: 'payload' }),
  };
}

/** What the editor stores for a field: its text, and the text's type. */
function fieldOf({ name, kind }: Field, value: unknown): [string, string][] {
  const [type, text] = value === undefined ? ['unset', ''] : typed(kind, value);
  return [
    [`input_${name}`, text],
    [`input_${name}_type`, type],
  ];
}

function typed(kind: Field['kind'], value: unknown): [type: string, text: string] {
  if (kind === 'code') return ['code', String(value)];
  if (typeof value === 'string') return value === '' ? ['jsonata', '""'] : ['str', value];
  if (typeof value === 'number') return ['num', String(value)];
  if (typeof value === 'boolean') return ['bool', String(value)];
  const text = JSON.stringify(value);
  return kind === 'value' || kind === 'json' ? ['json', text] : ['jsonata', text];
}

/** What goes by the second output is shown as well. */
function outputs(entry: CatalogEntry | undefined, next: string[]): string[][] {
  return entry?.branches ? [next, next] : [next];
}

function debugNode(name: string, complete = 'payload'): Record<string, unknown> {
  return { type: 'debug', name, active: true, tosidebar: true, complete, targetType: 'msg', wires: [] };
}

/** Calls copied from the page Functions: each must be the same call where it is pasted. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { FunctionSpec } from '../../dashboard/src/api/functions.ts';
import { asCli } from '../../dashboard/src/lib/copies/as-cli.ts';
import { asCurl } from '../../dashboard/src/lib/copies/as-curl.ts';
import type { CopiedCall } from '../../dashboard/src/lib/copies/copy.ts';
import { asMcp } from '../../dashboard/src/pages/functions/copies/as-mcp.ts';
import { asN8n } from '../../dashboard/src/pages/functions/copies/as-n8n.ts';
import { asNodeRed } from '../../dashboard/src/pages/functions/copies/as-node-red.ts';
// @ts-expect-error As above.
import { createInputReader } from '../../hosts/node-red/lib/fields.js';
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import { catalog } from '../../hosts/node-red/lib/manifest.js';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../runtime/core/manifest.ts';
import {
  n8nFields as generatedFields,
  n8nProperties as generatedProperties,
} from '../../scripts/generate/n8n.ts';
import { HOSTILE_TEXTS } from './support/hostile-texts.ts';

type Input = Record<string, unknown>;
interface N8nProperty {
  name: string;
  options?: object[];
  displayOptions?: { show?: Record<string, unknown[]> };
}

const functions = (manifest as unknown as Manifest).functions;
const n8nFields: Record<string, { name: string; kind: string }[]> = generatedFields(functions);
const n8nProperties = generatedProperties(functions) as N8nProperty[];

interface Entry {
  name: string;
  fields: { name: string; kind: string }[];
  branches: boolean;
  trigger: boolean;
}

const specs = manifest.functions as unknown as FunctionSpec[];
const put = specs.find(({ name }) => name === 'kv-key-put') as FunctionSpec;
const texts = [
  ...HOSTILE_TEXTS,
  'it\'s "quoted" \\ and\nbroken\r\n\ttabbed',
  'ünïcödé 🎉 \u202e \u0000 \u2028',
  '=1+1',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is to look like one
  '${HOME}',
  '$(HOME)',
  '{{ $json }} }} %s %n',
  '-',
  '@/etc/passwd',
  '',
];
const hostile: [FunctionSpec, Input][] = [
  ...texts.map((text): [FunctionSpec, Input] => [put, { bucket: 'b', key: text, value: text }]),
  [put, { bucket: 'b', key: 'k', value: { [texts.join('')]: texts, deep: [{ a: {} }] } }],
  [put, { bucket: 'b', key: 'k', value: 'x', ttl: 1_500_000_000, expected_revision: 0 }],
];
const given: [FunctionSpec, Input][] = specs.flatMap(spec =>
  spec.examples.map(({ input }): [FunctionSpec, Input] => [spec, input]),
);
const all = [...hostile, ...given];

const toCall = (spec: FunctionSpec, input: Input, keysRequired = false): CopiedCall => ({
  spec,
  input,
  origin: 'http://127.0.0.1:4280',
  keysRequired,
});

/** Words of a command as bash sees them; `curl` and `kvflow` are functions that print theirs. */
async function words(command: string): Promise<string[]> {
  const show = String.raw`{ printf '%s\0' "$@"; if [ "${'$'}{!#}" = - ] || [ "${'$'}{!#}" = @- ]; then cat; fi; }`;
  const script = `curl() ${show}\nkvflow() ${show}\n${command}`;
  // Long ones would be too long as an argument of bash itself.
  const running = promisify(execFile)('bash', ['-s'], {
    env: { KVFLOW_API_KEY: 'se cret' },
    maxBuffer: 20_000_000,
  });
  running.child.stdin?.end(script);
  const { stdout } = await running;
  return stdout.split('\0');
}

test('copies - curl and the command line mean exactly this input in bash, whatever is in it', async () => {
  for (const [spec, input] of hostile) {
    const curl = await words(asCurl(toCall(spec, input)));
    expect(curl).toContain(`http://127.0.0.1:4280/functions/${spec.name}/invocations`);
    expect(JSON.parse(curl[curl.indexOf('--data-raw') + 1] ?? '')).toEqual(input);
    const cli = await words(asCli(toCall(spec, input)));
    expect(cli.slice(0, 2)).toEqual(['invoke', spec.name]);
    expect(JSON.parse(cli[2] ?? '')).toEqual(input);
  }
});

test('copies - an input too long for an argument comes on standard input', async () => {
  const input = { bucket: 'b', key: 'k', value: "it's $HOME `x`\n".repeat(20_000) };
  for (const text of [asCurl(toCall(put, input)), asCli(toCall(put, input))]) {
    const all = await words(text);
    expect(JSON.parse(all.at(-1) ?? '')).toEqual(input);
  }
});

test('copies - the API key is named and never in it', async () => {
  const curl = asCurl(toCall(put, { bucket: 'b' }, true));
  expect(curl).toContain('$KVFLOW_API_KEY');
  expect(await words(curl)).toContain('authorization: Bearer se cret');
  const [connection] = JSON.parse(asNodeRed(toCall(put, {}, true))) as Input[];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED puts its environment in its place
  expect(connection?.credentials).toEqual({ apiKey: '${KVFLOW_API_KEY}' });
  const [open] = JSON.parse(asNodeRed(toCall(put, {}))) as Input[];
  expect(open).not.toHaveProperty('credentials');
});

test('copies - an MCP request calls the tool of that name', () => {
  expect(JSON.parse(asMcp(toCall(put, { bucket: 'b' })))).toMatchObject({
    jsonrpc: '2.0',
    method: 'tools/call',
    params: { name: 'kv-key-put', arguments: { bucket: 'b' } },
  });
});

const { util } = createRequire(import.meta.url)('@node-red/util') as { util: unknown };

test('copies - a node of Node-RED has the fields of the catalogue, and reads them as the same input', async () => {
  for (const [spec, input] of all) {
    const entry = (catalog as Entry[]).find(({ name }) => name === spec.name) as Entry;
    const [connection, node] = JSON.parse(asNodeRed(toCall(spec, input))) as [Input, Input];
    expect(connection).toMatchObject({
      type: 'kvflow-connection',
      mode: 'http',
      url: 'http://127.0.0.1:4280',
    });
    expect(node).toMatchObject({ type: spec.name, connection: connection.id });
    expect(node.wires).toHaveLength(entry.branches ? 2 : 1);
    const names = entry.fields.flatMap(({ name }) => [`input_${name}`, `input_${name}_type`]);
    expect(
      Object.keys(node)
        .filter(name => name.startsWith('input_'))
        .sort(),
    ).toEqual(names.sort());
    const fields = entry.fields.filter(({ name }) => name in input);
    const red = { type: spec.name, id: 'n', z: 'f', _flow: { getSetting: () => undefined } };
    const read = await createInputReader({ util }, red, { config: node, fields })({});
    expect([spec.name, read]).toEqual([
      spec.name,
      Object.fromEntries(fields.map(({ name }) => [name, input[name]])),
    ]);
    if (!entry.trigger)
      expect(Object.keys(read as Input).sort()).toEqual(Object.keys(known(entry, input)).sort());
  }
});

/** What a node can hold of an input: an example of a fault may have more. */
function known({ fields }: Entry, input: Input): Input {
  return Object.fromEntries(
    Object.entries(input).filter(([name]) => fields.some(field => field.name === name)),
  );
}

test('copies - a node of n8n has the parameters of its operation, and reads them as the same input', () => {
  for (const [spec, input] of all) {
    const { nodes } = JSON.parse(asN8n(toCall(spec, input))) as {
      nodes: { type: string; parameters: Input & { options: Input } }[];
    };
    const [node] = nodes;
    if (!node) throw new Error('no node');
    expect(node.type).toBe('n8n-nodes-kvflow.kvflow');
    const { resource, operation, options, ...required } = node.parameters;
    const operations = n8nProperties.find(
      ({ name, displayOptions }) => name === 'operation' && displayOptions?.show?.resource?.[0] === resource,
    );
    expect(operations?.options).toContainEqual(expect.objectContaining({ value: operation }));
    const own = n8nProperties.filter(
      ({ displayOptions }) => displayOptions?.show?.operation?.[0] === operation,
    );
    for (const name of Object.keys(required)) expect(own.map(one => one.name)).toContain(name);
    const collection = own.find(({ name }) => name === 'options');
    for (const name of Object.keys(options))
      expect(collection?.options).toContainEqual(expect.objectContaining({ name }));
    const fields = n8nFields[spec.name] ?? [];
    const read: Input = {};
    for (const { name, kind } of fields) {
      const value = plain({ ...required, ...options }[name]);
      if (value === undefined) continue;
      read[name] =
        kind === 'duration'
          ? Math.round(Number(value) * 1e9)
          : kind === 'json'
            ? JSON.parse(String(value))
            : value;
    }
    const names = Object.keys(input).filter(name => fields.some(field => field.name === name));
    expect(read).toEqual(Object.fromEntries(names.map(name => [name, input[name]])));
  }
});

/** As n8n evaluates a parameter: a resource's value, and a program after an equals sign, up to its first brace. */
function plain(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '__rl' in value) return plain((value as Input).value);
  if (typeof value !== 'string' || !value.startsWith('=')) return value;
  const [, program = ''] = /^=\{\{ (.*?) \}\}$/s.exec(value) ?? [];
  expect(program).not.toMatch(/[{}]/);
  return new Function(`return ${program}`)();
}

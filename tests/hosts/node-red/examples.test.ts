/** The example flow of every node: all of them imported into one Node-RED, deployed, and run by their inject nodes. */
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import manifestJson from '../../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../../runtime/core/manifest.ts';
import type { FlowNode } from '../../../scripts/generate/flow-drawing.ts';
import { exampleFlows } from '../../../scripts/generate/node-red/examples.ts';
import { nodeRedCatalog } from '../../../scripts/generate/node-red/pack.ts';
import { forAll } from '../../support/for-all.ts';
import { startKvflow } from '../../support/kvflow.ts';
import type { Message } from '../support/flows.ts';
import { startFlows } from '../support/flows.ts';

const manifest = manifestJson as unknown as Manifest;
const examples = exampleFlows(manifest, nodeRedCatalog(manifest));
/** What cannot work without more than a NATS, and says so. */
const FAILING: Record<string, string> = { 'warehouse-query': 'DESTINATION_NOT_FOUND' };

const kvflow = forAll(startKvflow);
const flows = forAll(() => startFlows(kvflow.invoke), 60_000);
/** Tells what debug nodes show, by their ids. */
const shown = new EventEmitter();

beforeAll(async () => {
  // The connection that all of them have is imported once.
  const nodes = examples.flatMap(({ nodes: own }) => own);
  await flows.deploy([...new Map(nodes.map(node => [node.id, node])).values()]);
  for (const { id } of nodes.filter(node => node.type === 'debug'))
    flows.node(String(id)).on('input', msg => shown.emit(String(id), msg));
}, 60_000);

test('Node-RED - every node has an example flow', () => {
  const types = nodeRedCatalog(manifest).map(({ name }) => name);
  expect(examples.filter(({ nodes }) => nodes.some(({ type }) => types.includes(String(type)))).length).toBe(
    types.length,
  );
  for (const { name, nodes } of examples) expect(nodes.map(({ type }) => type)).toContain(name);
});

test.each(examples)(
  'Node-RED - the example flow of $name is deployed and run',
  async ({ name, steps, error }) => {
    const failing = error ?? FAILING[name];
    let last: Message = {};
    for (const step of steps) last = await pressed(step.press, [step.shown, `kvflow.${name}.failed`]);
    if (failing) return expect(last.error).toMatchObject({ code: failing });
    expect(last).not.toHaveProperty('error');
    const { output = {} } =
      manifest.functions.find(fn => fn.name === name)?.examples.find(one => !one.error) ?? {};
    const isTrigger = 'events' in output && name.endsWith('watch');
    const expected = isTrigger ? ['key', 'operation'] : Object.keys(output);
    expect(Object.keys(last.payload as object)).toEqual(expect.arrayContaining(expected));
  },
);

const GALLERY = join(import.meta.dirname, '../../../hosts/node-red/examples');

test.each(readdirSync(GALLERY).filter(file => file.endsWith('.json')))(
  'Node-RED - the flow %s of the gallery does what its buttons say',
  async file => {
    const text = await readFile(join(GALLERY, file), 'utf8');
    const nodes = JSON.parse(text) as FlowNode[];
    await flows.deploy(nodes);
    for (const { id } of nodes.filter(({ type }) => type === 'debug'))
      flows.node(id).on('input', msg => shown.emit(id, msg));
    const buttons = nodes.filter(({ type }) => type === 'inject').sort((a, b) => (a.y ?? 0) - (b.y ?? 0));
    expect(buttons.length).toBeGreaterThan(0);
    for (const { id, name } of buttons)
      expect({ name, ...(await pressed(id, debugsBehind(id, nodes))) }).not.toHaveProperty('error');
  },
);

test('Node-RED - no two example flows make one bucket with other options: whichever is run second would fail', async () => {
  const files = readdirSync(GALLERY).filter(file => file.endsWith('.json'));
  const texts = await Promise.all(files.map(file => readFile(join(GALLERY, file), 'utf8')));
  const flows = [
    ...examples.map(({ nodes }) => nodes),
    ...texts.map(text => JSON.parse(text) as Record<string, unknown>[]),
  ];
  const made = flows.flat().filter(({ type }) => type === 'kv-bucket-create');
  const options = Map.groupBy(made, ({ input_bucket }) => String(input_bucket));
  for (const [bucket, nodes] of options) {
    const kinds = new Set(nodes.map(node => JSON.stringify(optionsOf(node))));
    expect({ bucket, kinds: [...kinds] }).toMatchObject({ kinds: { length: 1 } });
  }
  expect(options.size).toBeGreaterThan(20);
});

/** What a node gives to kv-bucket-create, but for what it leaves out. */
function optionsOf(node: Record<string, unknown>): [string, unknown][] {
  return Object.entries(node)
    .filter(([name]) => name.startsWith('input_') && !name.endsWith('_type'))
    .filter(([name]) => node[`${name}_type`] !== 'unset')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Ids of the debug nodes that a message of this node may come to. */
function debugsBehind(id: string, nodes: FlowNode[], seen = new Set<string>()): string[] {
  const node = nodes.find(one => one.id === id);
  if (!node || seen.has(id)) return [];
  seen.add(id);
  const behind = (node.wires ?? []).flat().flatMap(next => debugsBehind(next, nodes, seen));
  return node.type === 'debug' ? [id] : behind;
}

/** Presses an inject node and answers what the first of some debug nodes shows. */
async function pressed(inject: string, at: string[]): Promise<Message> {
  const ending = new AbortController();
  const waiting = at.map(id => once(shown, id, { signal: ending.signal }));
  for (const one of waiting) one.catch(() => undefined);
  flows.node(inject).receive({});
  const [msg] = (await Promise.race(waiting)) as [Message];
  ending.abort();
  return msg;
}

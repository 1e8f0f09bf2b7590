/** The example flow of every node: all of them imported into one Node-RED, deployed, and run by their inject nodes. */
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import manifestJson from '../../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../../runtime/core/manifest.ts';
import type { FlowNode } from '../../../scripts/generate/flow-drawing.ts';
import { exampleFlows } from '../../../scripts/generate/node-red/examples.ts';
import { nodeRedCatalog } from '../../../scripts/generate/node-red/pack.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { startKvflow } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';
import type { Message, TestFlows } from '../support/flows.ts';
import { startFlows } from '../support/flows.ts';

const manifest = manifestJson as unknown as Manifest;
const examples = exampleFlows(manifest, nodeRedCatalog(manifest));
/** What cannot work without more than a NATS, and says so. */
/** Buckets that functions make themselves. */
const RESERVED = /^(anonymous_events|transform_kv|kvflow_)/;
const FAILING: Record<string, string> = { 'warehouse-query': 'DESTINATION_NOT_FOUND' };

let kvflow: TestKvflow & { server: TestNats };
let flows: TestFlows & AsyncDisposable;
/** Tells what debug nodes show, by their ids. */
const shown = new EventEmitter();

beforeAll(async () => {
  kvflow = await startKvflow();
  flows = await startFlows(kvflow.invoke);
  // The connection that all of them have is imported once.
  const nodes = examples.flatMap(({ name, nodes: own }) => withOwnNames(name, own));
  await flows.deploy([...new Map(nodes.map(node => [node.id, node])).values()]);
  for (const { id } of nodes.filter(node => node.type === 'debug'))
    flows.node(String(id)).on('input', msg => shown.emit(String(id), msg));
}, 60_000);

afterAll(async () => {
  await flows?.[Symbol.asyncDispose]();
  await kvflow?.[Symbol.asyncDispose]();
});

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

/** Examples share the names of their buckets, and here a Node-RED: each gets names of its own. */
function withOwnNames(name: string, nodes: Record<string, unknown>[]): Record<string, unknown>[] {
  const buckets = new Set(nodes.map(node => node.input_bucket).filter(bucket => typeof bucket === 'string'));
  let text = JSON.stringify(nodes);
  for (const bucket of buckets) {
    if (bucket === '' || RESERVED.test(bucket)) continue;
    // As a text of its own, and in the text of an expression.
    for (const quote of ['"', '\\"'])
      text = text.replaceAll(`${quote}${bucket}${quote}`, `${quote}${bucket}-${name}${quote}`);
  }
  return JSON.parse(text);
}

import { on, once } from 'node:events';
import { createRequire } from 'node:module';
import helper, { type TestNode } from 'node-red-node-test-helper';
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import pack from '../../../hosts/node-red/nodes/kvflow.js';
import type { Invoke } from '../../../runtime/core/invoke.ts';
import { joinNats } from '../../../runtime/main/join-nats.ts';

/** A message as it leaves a node. */
export type Message = Record<string, unknown> & { payload?: unknown; error?: Record<string, unknown> };

/** Node-RED's runtime without an editor, with our nodes in it. */
export interface TestFlows {
  /** Runs a flow in place of the one before, as "deploy" does. */
  deploy(flow: object[], credentials?: object): Promise<void>;
  node(id: string): TestNode;
  /** Sends a message into a node and waits for what arrives at another. */
  send(to: string, msg: Message, at?: string): Promise<Message>;
  /** The next message that arrives at a node. */
  arrival(at: string): Promise<Message>;
  /** Messages that arrive at a node from now on. */
  arrivals(at: string): AsyncIterator<Message>;
  admin(path: string): Promise<{ status: number; body: unknown }>;
}

const require = createRequire(import.meta.url);
/** Of Node-RED's own nodes, those the tests' flows have. */
const CORE = [
  'common/20-inject',
  'common/21-debug',
  'common/24-complete',
  'common/25-catch',
  'common/90-comment',
  'function/10-switch',
  'sequence/17-split',
  'network/05-tls',
].map(name => require(`@node-red/nodes/core/${name}.js`));

/** Begins with an empty flow. `invoke` is the kvflow around Node-RED; without one Node-RED is on its own. */
export async function startFlows(invoke?: Invoke): Promise<TestFlows & AsyncDisposable> {
  helper.init(require.resolve('node-red'), { kvflow: invoke && { invoke, joinNats } });
  await helper.startServer();
  await helper.load([pack, ...CORE], []);
  return {
    deploy,
    node: id => helper.getNode(id),
    send: async (to, msg, at = 'out') => {
      const arrived = arrival(at);
      helper.getNode(to).receive(msg);
      return await arrived;
    },
    arrival,
    arrivals: at => {
      const messages = on(helper.getNode(at), 'input');
      return { next: async () => ({ done: false, value: ((await messages.next()).value as [Message])[0] }) };
    },
    admin: path => helper.request().get(path),
    [Symbol.asyncDispose]: async () => {
      await helper.unload();
      await helper.stopServer();
    },
  };
}

/** The helper's own setFlows begins to wait when the flows may have started already. */
async function deploy(flow: object[], credentials: object = {}): Promise<void> {
  const started = once(helper._events, 'flows:started');
  await helper._redNodes.setFlows(flow, credentials, 'full');
  await started;
}

async function arrival(at: string): Promise<Message> {
  const [msg] = (await once(helper.getNode(at), 'input')) as [Message];
  return msg;
}

/** What the editor would store of a function's node; `fields` are pairs of type and text. */
export function functionNode(
  type: string,
  fields: Record<string, [type: string, text: string]>,
  rest: object = {},
): object {
  const inputs = Object.entries(fields).flatMap(([name, [kind, text]]) => [
    [`input_${name}`, text],
    [`input_${name}_type`, kind],
  ]);
  const wires = [['out'], ['missing']];
  return { ...PLACE, id: 'fn', type, wires, ...Object.fromEntries(inputs), ...rest };
}

/** Without a place on the tab Node-RED takes a node for a configuration. */
const PLACE = { x: 100, y: 100, z: 'tab' };

/** A tab with ends to listen at, and what catches failures. */
export const ENDS: object[] = [
  { id: 'tab', type: 'tab' },
  ...['out', 'missing', 'caught', 'completed'].map(id => ({ ...PLACE, id, type: 'helper', wires: [] })),
  { ...PLACE, id: 'catch', type: 'catch', scope: null, wires: [['caught']] },
  { ...PLACE, id: 'complete', type: 'complete', scope: ['fn'], wires: [['completed']] },
];

import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodeRed from 'node-red';
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import { connectHttp } from '../hosts/node-red/lib/http.js';
import type { Connection } from '../hosts/node-red/lib/types.d.ts';
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { stage } from './stage.ts';

const COUNT = 20_000;
const ORDERED = 10_000;
const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
/** Who starts a kvflow here would gather what it prints of each call, which costs more than the calls. */
const QUIET = ['--log-level', 'error'];
const PACK = join(import.meta.dirname, '../hosts/node-red');

/** A kv-key-put node between inject and debug, against a function node there that does the same with the client's own put. */
export async function nodeRedPut(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await using red = await startNodeRed({
    nodesDir: [PACK],
    kvflow: { invoke: s.kvflow.invoke },
    functionGlobalContext: { kv },
  });
  return await compare(
    'messages/s',
    COUNT,
    () => pipelined(COUNT, IN_FLIGHT, i => red.pass('ours', message(i))),
    () => pipelined(COUNT, IN_FLIGHT, i => red.pass('base', message(i))),
  );
}

/**
 * The same between two processes, as kvflow runs flows: Node-RED calls a kvflow over HTTP, and the function node uses the client
 * in Node-RED's process. kvflow's own processor time counts as well.
 */
export async function nodeRedChildPut(): Promise<Figure> {
  await using s = await stage();
  const kv = await s.bucket('bench');
  await using place = await makePlace();
  const { url } = await place.start({ env: { NATS_URL: s.server.url, KVFLOW_FLOWS: 'off' }, args: QUIET });
  await using red = await startNodeRed({
    nodesDir: [PACK],
    kvflow: { url },
    functionGlobalContext: { kv },
  });
  return await compare(
    'messages/s',
    COUNT,
    () => pipelined(COUNT, IN_FLIGHT, i => red.pass('ours', message(i))),
    () => pipelined(COUNT, IN_FLIGHT, i => red.pass('base', message(i))),
  );
}

/** Writes over the pack's HTTP connection, which keeps the order of each key's, against as many requests as come, in any order. */
export async function nodeRedOrder(): Promise<Figure> {
  await using s = await stage();
  await s.bucket('bench');
  await using place = await makePlace();
  const { url } = await place.start({ env: { NATS_URL: s.server.url, KVFLOW_FLOWS: 'off' }, args: QUIET });
  const { invoke, close } = connectHttp(url, undefined) as Connection;
  const input = (i: number) => ({ bucket: 'bench', key: `user.${i % 1_000}`, value: VALUE });
  const unordered = async (i: number) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(input(i));
    await (await fetch(`${url}/functions/kv-key-put/invocations`, { method: 'POST', headers, body })).json();
  };
  try {
    return await compare(
      'messages/s',
      ORDERED,
      () => pipelined(ORDERED, IN_FLIGHT, i => invoke('kv-key-put', input(i))),
      () => pipelined(ORDERED, IN_FLIGHT, unordered),
    );
  } finally {
    await close();
  }
}

interface Message {
  _msgid: string;
  topic: string;
  payload: unknown;
}

function message(i: number): Message {
  return { _msgid: String(i), topic: `user.${i}`, payload: VALUE };
}

const FUNCTION = `global.get('kv').put(msg.topic, msg.payload).then(revision => {
  msg.payload = { revision };
  node.send(msg);
  node.done();
}, error => node.done(error));`;

const PUT = {
  type: 'kv-key-put',
  input_bucket: 'bench',
  input_bucket_type: 'str',
  input_key: 'topic',
  input_key_type: 'msg',
  input_value: 'payload',
  input_value_type: 'msg',
};

/** One tab: inject, what is measured, debug. */
function flow(name: string, middle: object): object[] {
  const place = { x: 100, y: 100, z: name };
  const inject = { type: 'inject', props: [], repeat: '', once: false };
  const debug = { type: 'debug', active: true, tosidebar: true, complete: 'payload', targetType: 'msg' };
  return [
    { id: name, type: 'tab' },
    { ...place, ...inject, id: `${name}-in`, wires: [[`${name}-mid`]] },
    { ...place, ...middle, id: `${name}-mid`, wires: [[`${name}-out`]] },
    { ...place, ...debug, id: `${name}-out`, wires: [] },
  ];
}

/** Node-RED itself without an editor; `pass` sends a message in and resolves when the debug node has it. */
async function startNodeRed(settings: object) {
  const userDir = await mkdtemp(join(tmpdir(), 'kvflow-bench-flows-'));
  const base = { type: 'function', func: FUNCTION, outputs: 1, initialize: '', finalize: '', libs: [] };
  await writeFile(join(userDir, 'flows.json'), JSON.stringify([...flow('ours', PUT), ...flow('base', base)]));
  const quiet = { console: { level: 'off', metrics: false, audit: false } };
  nodeRed.init(new EventEmitter(), { userDir, flowFile: 'flows.json', logging: quiet, ...settings });
  const started = new Promise(resolve => nodeRed.events.once('flows:started', resolve));
  await nodeRed.start();
  await started;
  const arriving = new Map<string, () => void>();
  const { getNode } = nodeRed.nodes;
  for (const id of ['ours-out', 'base-out']) {
    getNode(id).on('input', (msg: Message) => {
      const arrived = arriving.get(msg._msgid);
      arriving.delete(msg._msgid);
      arrived?.();
    });
  }
  return {
    pass: (name: string, msg: Message) =>
      new Promise<void>(resolve => {
        arriving.set(msg._msgid, resolve);
        getNode(`${name}-in`).receive(msg);
      }),
    [Symbol.asyncDispose]: async () => {
      await nodeRed.stop();
      await rm(userDir, { recursive: true, force: true });
    },
  };
}

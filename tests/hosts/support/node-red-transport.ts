/** The nodes of the pack as a transport: a flow in the Node-RED of `kvflow start`, called over its HTTP nodes. */
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import { catalog } from '../../../hosts/node-red/lib/manifest.js';
import type { CatalogEntry } from '../../../hosts/node-red/lib/types.d.ts';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import { makePlace } from '../../runtime/transports/cli/kvflow-process.ts';
import type { TransportSubject } from '../../suites/test-transport.ts';
import { eventually } from '../../support/eventually.ts';

const nodes = (catalog as CatalogEntry[]).filter(({ trigger }) => !trigger);
const byName = new Map(nodes.map(entry => [entry.name, entry]));

/** A node per function, each of its fields taken from the message. */
export const nodeRed: TransportSubject = {
  name: 'node-red',
  takes: hasFieldsFor,
  open: async ({ natsUrl }) => {
    const place = await makePlace();
    const { url } = await place.start({ env: { NATS_URL: natsUrl } });
    await send(`${url}/flows/flows`, flow());
    // A deploy is answered a moment before its flows take requests.
    await eventually(() => send(`${url}/flows/http/call`, { name: 'kv-bucket-list', input: {} }));
    return {
      call: async (name, input) => {
        const answer = await send(`${url}/flows/http/call`, { name, input });
        return (await answer.json()) as Envelope;
      },
      [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
    };
  },
};

/** A node is there for its function alone, a trigger has no input, and what has no field cannot be given. */
function hasFieldsFor(name: string, input: unknown): boolean {
  const entry = byName.get(name);
  if (!entry || typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  if (hasScalars(input)) return false;
  const fields = new Set(entry.fields.map(field => field.name));
  return Object.getOwnPropertyNames(input).every(property => fields.has(property));
}

/** Numbers and booleans of messages are stored as JSON text, where other transports refuse them. */
function hasScalars(input: object): boolean {
  const items = 'items' in input && Array.isArray(input.items) ? input.items : [];
  return [input, ...items].some(
    item => typeof item === 'object' && item !== null && /^(number|boolean)$/.test(typeof item.value),
  );
}

const PLACE = { z: 'tab', x: 100, y: 100 };
const CODE = { ...PLACE, type: 'function', initialize: '', finalize: '', libs: [] };
/** By the name in the request to the node of that name. */
const ROUTE = `const { name, input } = msg.payload;
msg.input = input;
const outputs = new Array(${nodes.length}).fill(null);
outputs[${JSON.stringify(nodes.map(({ name }) => name))}.indexOf(name)] = msg;
return outputs;`;
/** What the node made of the envelope is put together again, from all that flows are given of it. */
const ANSWER = `const { status_code, error } = msg.kvflow;
msg.payload = error ? { status_code, error } : { status_code, data: msg.payload };
return msg;`;
const CAUGHT = `msg.payload = msg.error.cause ?? { status_code: 0, error: msg.error };
return msg;`;

function flow(): object[] {
  return [
    { id: 'tab', type: 'tab', label: 'Every function' },
    { ...PLACE, id: 'in', type: 'http in', url: '/call', method: 'post', upload: false, wires: [['route']] },
    {
      ...CODE,
      id: 'route',
      func: ROUTE,
      outputs: nodes.length,
      wires: nodes.map(({ name }) => [`fn-${name}`]),
    },
    ...nodes.map(functionNode),
    { ...CODE, id: 'answer', func: ANSWER, outputs: 1, wires: [['out']] },
    { ...PLACE, id: 'catch', type: 'catch', scope: null, uncaught: false, wires: [['caught']] },
    { ...CODE, id: 'caught', func: CAUGHT, outputs: 1, wires: [['out']] },
    { ...PLACE, id: 'out', type: 'http response', statusCode: '200', headers: {}, wires: [] },
  ];
}

function functionNode({ name, fields }: CatalogEntry): object {
  const inputs = fields.flatMap(field => [
    [`input_${field.name}`, `input.${field.name}`],
    [`input_${field.name}_type`, 'msg'],
  ]);
  return {
    ...PLACE,
    ...Object.fromEntries(inputs),
    id: `fn-${name}`,
    type: name,
    wires: [['answer'], ['answer']],
  };
}

async function send(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

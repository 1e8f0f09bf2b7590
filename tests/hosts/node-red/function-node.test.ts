/** The nodes of functions, in Node-RED's own runtime, on a real NATS. */
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, test } from '@jest/globals';
import { endedAtLast, forAll } from '../../support/for-all.ts';
import { startWithServer } from '../../support/kvflow.ts';
import type { TestFlows } from '../support/flows.ts';
import { ENDS, functionNode, startFlows } from '../support/flows.ts';

let flows: TestFlows & AsyncDisposable;
/** Sees the name of each call. */
let counted: ((name: string, options?: { trace?: string | undefined }) => void) | undefined;

const kvflow = forAll(startWithServer);

beforeAll(async () => {
  flows = endedAtLast(
    await startFlows((...call) => {
      counted?.(call[0], call[2]);
      return kvflow.invoke(...call);
    }),
  );
  await kvflow.call('kv-bucket-create', { bucket: 'b', key_ttl: true });
});

const BUCKET: [string, string] = ['str', 'b'];
const PUT = functionNode('kv-key-put', { bucket: BUCKET, key: ['msg', 'topic'], value: ['msg', 'payload'] });
const GET = { bucket: BUCKET, key: ['msg', 'topic'] as [string, string] };

test('Node-RED - a put goes on with what kvflow answered, and keeps the rest of the message', async () => {
  await flows.deploy([...ENDS, PUT]);
  const msg = await flows.send('fn', { topic: 'user.1', payload: { theme: 'dark' }, mine: 1 });
  expect(msg).toMatchObject({
    topic: 'user.1',
    mine: 1,
    payload: { bucket: 'b', key: 'user.1', revision: expect.any(Number) },
    kvflow: { function: 'kv-key-put', status_code: 200 },
  });
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'user.1' })).toMatchObject({
    value: '{"theme":"dark"}',
  });
});

test('Node-RED - the trace of a message, or of the request it came with, goes on in its calls', async () => {
  await flows.deploy([...ENDS, PUT]);
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const seen: unknown[] = [];
  counted = (_name, options) => seen.push(options?.trace);
  const messages = [{ traceparent }, { req: { headers: { traceparent } } }, { traceparent: 'x\r\ny' }, {}];
  for (const more of messages) await flows.send('fn', { topic: 'traced', payload: '1', ...more });
  counted = undefined;
  expect(seen).toEqual([traceparent, traceparent, undefined, undefined]);
});

test('Node-RED - an event, and a list of events, are what the message holds', async () => {
  const fields: Record<string, [string, string]> = {
    event: ['msg', 'payload'],
    script: ['code', 'return $'],
  };
  await flows.deploy([...ENDS, functionNode('transform', fields, { pick: 'events' })]);
  expect((await flows.send('fn', { payload: { n: 1 } })).payload).toEqual([{ n: 1 }]);
  expect((await flows.send('fn', { payload: [{ n: 1 }, { n: 2 }] })).payload).toEqual([{ n: 1 }, { n: 2 }]);
});

test('Node-RED - one property of the answer can be sent, and under a name of its own', async () => {
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'picked', value: 'x' });
  await flows.deploy([...ENDS, functionNode('kv-key-get', GET, { pick: 'value', result: 'found.text' })]);
  const msg = await flows.send('fn', { topic: 'picked', payload: 'kept' });
  expect(msg).toMatchObject({ payload: 'kept', found: { text: 'x' } });
});

test('Node-RED - a key that is not there leaves by the second output and is no failure', async () => {
  await flows.deploy([...ENDS, functionNode('kv-key-get', GET)]);
  const caught: unknown[] = [];
  flows.node('caught').on('input', msg => caught.push(msg));
  const msg = await flows.send('fn', { topic: 'never' }, 'missing');
  expect(msg).toMatchObject({
    payload: null,
    kvflow: { status_code: 404, error: { code: 'KEY_NOT_FOUND' } },
  });
  expect(caught).toEqual([]);
});

test('Node-RED - a busy lock and an empty queue leave by the second output, with what was answered', async () => {
  const text = (value: string): [string, string] => ['str', value];
  const holder: [string, string] = ['msg', 'topic'];
  await flows.deploy([...ENDS, functionNode('kv-lock-acquire', { bucket: BUCKET, key: text('l'), holder })]);
  expect(await flows.send('fn', { topic: 'one' })).toMatchObject({ payload: { acquired: true } });
  expect(await flows.send('fn', { topic: 'two' }, 'missing')).toMatchObject({
    payload: { acquired: false, held_by: [{ holder: 'one' }] },
  });
  await flows.deploy([...ENDS, functionNode('kv-queue-take', { bucket: BUCKET, queue: text('q') })]);
  expect(await flows.send('fn', {}, 'missing')).toMatchObject({ payload: { taken: false } });
});

test('Node-RED - a failure goes to Catch nodes with its code and the envelope', async () => {
  await flows.deploy([...ENDS, PUT]);
  const msg = await flows.send('fn', { topic: 'n', payload: null }, 'caught');
  expect(msg.error).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('kv-key-put: /value'),
    source: { id: 'fn', type: 'kv-key-put' },
    cause: { status_code: 400, error: { code: 'INVALID_INPUT', errors: [{ pointer: '/value' }] } },
  });
  expect(msg.payload).toBeNull();
});

test.each<[what: string, payload: unknown, stored: string, back: unknown]>([
  ['a number', 1234.5, '1234.5', 1234.5],
  ['a boolean', false, 'false', false],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
  ['a Map', new Map([['a', 1]]), '{"a":1}', { a: 1 }],
  ['a Set', new Set([1, 'x']), '[1,"x"]', [1, 'x']],
  ['a long id as text', '9007199254740993', '9007199254740993', '9007199254740993'],
  ['text that looks like a number', '007', '007', '007'],
  ['text that begins like JSON', '{not json', '{not json', '{not json'],
  ['the word null', 'null', 'null', null],
  ['nothing', '', '', ''],
])(
  'Node-RED - %s is stored as it is and comes back as a flow uses it',
  async (_what, payload, stored, back) => {
    await flows.deploy([...ENDS, PUT]);
    await flows.send('fn', { topic: 'round', payload });
    expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'round' })).toMatchObject({ value: stored });
    await flows.deploy([...ENDS, functionNode('kv-key-get', GET, { pick: 'value' })]);
    expect((await flows.send('fn', { topic: 'round' })).payload).toEqual(back);
  },
);

test('Node-RED - the bytes of a Buffer are stored, alone and among others, and come back as a Buffer', async () => {
  const bytes = Buffer.from([1, 2, 255, 0]);
  await flows.deploy([...ENDS, PUT]);
  await flows.send('fn', { topic: 'bytes', payload: bytes });
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'bytes' })).toMatchObject({
    value: bytes.toString('base64'),
    encoding: 'base64',
  });
  await flows.deploy([
    ...ENDS,
    functionNode('kv-key-put-many', { bucket: BUCKET, items: ['msg', 'payload'] }),
  ]);
  await flows.send('fn', {
    payload: [
      { key: 'many.1', value: bytes },
      { key: 'many.2', value: 7 },
    ],
  });
  await flows.deploy([
    ...ENDS,
    functionNode('kv-key-get-many', { bucket: BUCKET, keys: ['json', '["many.1","many.2"]'] }),
  ]);
  const { payload } = await flows.send('fn', {});
  expect((payload as { items: unknown[] }).items).toMatchObject([{ value: bytes }, { value: 7 }]);
});

test('Node-RED - a node that was drawn before "automatic" goes on with text, and json is what it says', async () => {
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'json', value: { a: 1 } });
  const node = (type: string, text: string) =>
    functionNode('kv-key-get', { ...GET, json: [type, text] }, { pick: 'value' });
  for (const [type, text, expected] of [
    ['unset', '', '{"a":1}'],
    ['bool', 'false', '{"a":1}'],
    ['bool', 'true', { a: 1 }],
    ['auto', '', { a: 1 }],
  ] as const) {
    await flows.deploy([...ENDS, node(type, text)]);
    expect((await flows.send('fn', { topic: 'json' })).payload).toEqual(expected);
  }
});

const itself: Record<string, unknown> = {};
itself.self = itself;

test('Node-RED - a value that JSON has no form for is refused with its place, wherever it is', async () => {
  await flows.deploy([...ENDS, PUT]);
  const refused: [payload: unknown, message: string][] = [
    [Number.NaN, 'value: NaN'],
    [{ a: [Number.POSITIVE_INFINITY] }, 'value/a/0: Infinity'],
    [new Date('no time'), 'value: the Date is invalid'],
    [{ image: Buffer.from([1]) }, 'value/image: bytes within an object'],
    [[new Uint8Array(2)], 'value/0: bytes within an object'],
    [new Map([['n', 1n]]), 'value/n: a BigInt'],
    [itself, 'value: it refers to itself'],
    [new Error('x'), 'value: Error has no form in JSON'],
    [{ at: /x/ }, 'value/at: RegExp'],
  ];
  for (const [payload, message] of refused) {
    const { error } = await flows.send('fn', { topic: 'n', payload }, 'caught');
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`kv-key-put: ${message}`),
    });
  }
  const event: Record<string, [string, string]> = { event: ['msg', 'payload'], script: ['code', 'return $'] };
  await flows.deploy([...ENDS, functionNode('transform', event)]);
  expect((await flows.send('fn', { payload: { b: Buffer.from('x') } }, 'caught')).error).toMatchObject({
    message: expect.stringContaining('transform: event/b: bytes'),
  });
});

test('Node-RED - values of function nodes, which have a realm of their own, are what they are, within objects too', async () => {
  await flows.deploy([...ENDS, PUT]);
  const made = runInNewContext(`[
    new Date(0), new Map([['a', new Map([['b', new Set([1])]])]]), new Set([new Date(0)]), { a: undefined, f() {}, n: new Number(1) },
    [undefined, 1], new Boolean(true), { toJSON: () => 5 }, new Uint8Array([1, 255]).buffer, JSON.parse('{"__proto__":{"x":1}}'),
  ]`) as unknown[];
  const stored: unknown[] = [];
  for (const payload of made) {
    await flows.send('fn', { topic: 'realm', payload });
    stored.push((await kvflow.call('kv-key-get', { bucket: 'b', key: 'realm' })).value);
  }
  expect(stored).toEqual([
    '1970-01-01T00:00:00.000Z',
    '{"a":{"b":[1]}}',
    '["1970-01-01T00:00:00.000Z"]',
    '{"n":1}',
    '[null,1]',
    'true',
    '5',
    Buffer.from([1, 255]).toString('base64'),
    '{"__proto__":{"x":1}}',
  ]);
  await flows.deploy([
    ...ENDS,
    functionNode('kv-transact', { bucket: BUCKET, operations: ['msg', 'payload'] }),
  ]);
  await flows.send('fn', { payload: [{ op: 'put', key: 'one', value: Buffer.from([1, 255]) }] });
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'one' })).toMatchObject({ encoding: 'base64' });
});

test('Node-RED - a message is done only after the write was confirmed', async () => {
  await flows.deploy([...ENDS, PUT]);
  const done: unknown[] = [];
  flows.node('completed').on('input', msg => done.push(msg));
  await kvflow.invoke('kv-key-get', { bucket: 'b', key: 'warm' });
  kvflow.server.pause();
  const completed = flows.arrival('completed');
  flows.node('fn').receive({ topic: 'slow', payload: 'x' });
  await new Promise(resolve => setImmediate(resolve));
  expect(done).toEqual([]);
  kvflow.server.resume();
  await completed;
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'slow' })).toMatchObject({ value: 'x' });
});

test('Node-RED - fields come from the message, the flow, the environment, expressions and units of time', async () => {
  process.env.KVFLOW_TEST_BY = '7';
  const fields: Record<string, [string, string]> = {
    bucket: ['flow', 'bucket'],
    key: ['jsonata', '"count." & payload.user'],
    by: ['env', 'KVFLOW_TEST_BY'],
    initial: ['num', '100'],
    ttl: ['hours', '1.5'],
    max: ['unset', '3'],
  };
  await flows.deploy([...ENDS, functionNode('kv-key-increment', fields)]);
  flows.node('fn').context().flow.set('bucket', 'b');
  const { payload } = await flows.send('fn', { payload: { user: 'ada' } });
  expect(payload).toMatchObject({ value: 107 });
  const { created_at, expires_at } = await kvflow.call('kv-key-get', { bucket: 'b', key: 'count.ada' });
  const lifetime = Date.parse(String(expires_at)) - Date.parse(String(created_at));
  expect(Math.round(lifetime / 1000)).toBe(5_400);
  delete process.env.KVFLOW_TEST_BY;
});

test('Node-RED - text that is no JSON in a JSON field is a failure that names the field', async () => {
  await flows.deploy([...ENDS, functionNode('kv-key-get-many', { bucket: BUCKET, keys: ['json', '["a"'] })]);
  const { error } = await flows.send('fn', {}, 'caught');
  expect(error).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(/^kv-key-get-many: keys: /),
  });
});

test('Node-RED - a required field that is empty is named by kvflow', async () => {
  await flows.deploy([...ENDS, functionNode('kv-key-get', { bucket: ['str', ''], key: ['str', 'a'] })]);
  const { error } = await flows.send('fn', {}, 'caught');
  expect(error).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('bucket') });
});

test('Node-RED - the status shows changes alone, in fewer than 20 characters', async () => {
  await flows.deploy([...ENDS, functionNode('kv-key-get', GET)]);
  const shown: unknown[] = [];
  flows.node('fn').on('call:status', ({ args: [status] }) => shown.push(status));
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'shown', value: 'x' });
  for (let i = 0; i < 3; i++) await flows.send('fn', { topic: 'shown' });
  await flows.send('fn', { topic: 'gone' }, 'missing');
  await flows.send('fn', { topic: '..' }, 'caught');
  expect(shown).toEqual([
    { fill: 'green', shape: 'dot', text: 'ok' },
    { fill: 'yellow', shape: 'ring', text: 'missing' },
    { fill: 'red', shape: 'ring', text: 'invalid input' },
  ]);
});

test('Node-RED - the editor is offered the buckets there are', async () => {
  const { status, body } = await flows.admin('/kvflow/buckets/_');
  expect({ status, body }).toEqual({ status: 200, body: { buckets: ['b'] } });
});

const batch = (rest: object) =>
  functionNode('kvflow-batch', { bucket: BUCKET, key: ['msg', 'topic'], value: ['msg', 'payload'] }, rest);

test('Node-RED - a batch writes messages together, and each goes on in order with what became of its item', async () => {
  const calls: string[] = [];
  counted = name => void calls.push(name);
  await flows.deploy([...ENDS, batch({ count: 4, seconds: 3600 })]);
  const arrived = flows.arrivals('out');
  const caught = flows.arrival('caught');
  const values = [1, Buffer.from([1, 255]), { a: true }];
  for (const [index, payload] of values.entries())
    flows.node('fn').receive({ topic: `batch.${index}`, payload });
  expect(calls).toEqual([]);
  flows.node('fn').receive({ topic: 'no key', payload: 'x' });
  const messages = [await arrived.next(), await arrived.next(), await arrived.next()].map(
    ({ value }) => value,
  );
  expect(messages.map(({ topic }) => topic)).toEqual(['batch.0', 'batch.1', 'batch.2']);
  expect(messages[0]).toMatchObject({ payload: { key: 'batch.0', revision: expect.any(Number) } });
  expect(await caught).toMatchObject({ topic: 'no key', error: { code: 'INVALID_INPUT' } });
  expect(calls).toEqual(['kv-key-put-many']);
  counted = undefined;
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'batch.1' })).toMatchObject({
    value: Buffer.from([1, 255]).toString('base64'),
    encoding: 'base64',
  });
});

test('Node-RED - a batch does not wait for more than its time, for msg.flush, or for a flow that stops', async () => {
  await flows.deploy([...ENDS, batch({ count: 100, seconds: 0.01 })]);
  expect(await flows.send('fn', { topic: 'batch.soon', payload: 'x' })).toMatchObject({
    topic: 'batch.soon',
  });
  await flows.deploy([...ENDS, batch({ count: 100, seconds: 3600 })]);
  expect(await flows.send('fn', { topic: 'batch.flushed', payload: 'x', flush: true })).toMatchObject({
    topic: 'batch.flushed',
  });
  flows.node('fn').receive({ topic: 'batch.last', payload: 'x' });
  await flows.deploy(ENDS);
  expect(await kvflow.call('kv-key-get', { bucket: 'b', key: 'batch.last' })).toMatchObject({ value: 'x' });
});

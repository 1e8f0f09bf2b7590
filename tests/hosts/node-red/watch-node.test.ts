/** The trigger: a message per change, without a gap over deploys and restarts. */
import { beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { startWithServer } from '../../support/kvflow.ts';
import type { Message, TestFlows } from '../support/flows.ts';
import { ENDS, functionNode, startFlows } from '../support/flows.ts';

const kvflow = forAll(startWithServer);
let flows: TestFlows & AsyncDisposable;
const put = (key: string, value: string) => kvflow.call('kv-key-put', { bucket: 'b', key, value });
const watch = (fields: Record<string, [string, string]>) => functionNode('kv-key-watch', fields);
const BUCKET: [string, string] = ['str', 'b'];
/** Status of each answer the nodes were given. */
const answered: number[] = [];

/** As of Node-RED: what it had in memory is gone. */
async function restart(): Promise<void> {
  await flows?.[Symbol.asyncDispose]();
  flows = await startFlows(async (...call) => {
    const envelope = await kvflow.invoke(...call);
    answered.push(envelope.status_code);
    return envelope;
  });
}

beforeAll(async () => {
  await restart();
  atLast(() => flows[Symbol.asyncDispose]());
});

test('Node-RED - a watch waits for its bucket and misses nothing of it', async () => {
  await flows.deploy([...ENDS, watch({ bucket: BUCKET, filter: ['str', 'user.*'] })]);
  const changes = flows.arrivals('out');
  // A watch begins with its first call: only what is written after that call is its to miss.
  await eventually(() => expect(answered).toContain(404));
  await kvflow.call('kv-bucket-create', { bucket: 'b', history: 5 });
  await put('user.1', 'a');
  await put('other', 'b');
  await kvflow.call('kv-key-delete', { bucket: 'b', key: 'user.1' });
  expect((await changes.next()).value).toMatchObject({
    topic: 'user.1',
    payload: { operation: 'put', value: 'a' },
  });
  expect((await changes.next()).value).toMatchObject({ topic: 'user.1', payload: { operation: 'delete' } });
});

test('Node-RED - a watch goes on where it was after a deploy and after a restart of NATS', async () => {
  const flow = [...ENDS, watch({ bucket: BUCKET, start: ['str', 'current'], filter: ['str', 'kept.>'] })];
  await put('kept.1', 'a');
  await flows.deploy(flow);
  const first = flows.arrivals('out');
  expect((await first.next()).value).toMatchObject({ topic: 'kept.1' });
  await flows.deploy([...flow, { id: 'more', type: 'tab' }]);
  const second = flows.arrivals('out');
  await put('kept.2', 'b');
  expect((await second.next()).value).toMatchObject({ topic: 'kept.2' });
  await kvflow.server.stop();
  await kvflow.server.start();
  await put('kept.3', 'c');
  expect((await second.next()).value).toMatchObject({ topic: 'kept.3' });
});

/** Where a watch says it is; undefined where nothing is kept. */
const placeOf = async (id: string): Promise<{ next: number; next_id?: string } | undefined> => {
  const answer = await kvflow.invoke('kv-key-get', { bucket: 'places', key: id, json: true });
  return 'data' in answer ? (answer.data as { value: { next: number; next_id?: string } }).value : undefined;
};
const durable = (rest: object = {}) =>
  functionNode(
    'kv-key-watch',
    { bucket: BUCKET, filter: ['str', 'durable.>'] },
    { places: 'places', ...rest },
  );
const receive = async (changes: AsyncIterator<Message>) => (await changes.next()).value as Message;

test('Node-RED - a watch with a place tells after a restart what was written while Node-RED was stopped', async () => {
  await flows.deploy([...ENDS, durable()]);
  const before = flows.arrivals('out');
  await eventually(async () => expect(await placeOf('fn')).toBeDefined());
  await put('durable.1', 'a');
  const first = await receive(before);
  expect(first).toMatchObject({ topic: 'durable.1' });
  const { revision } = first.payload as { revision: number };
  await eventually(async () => expect(await placeOf('fn')).toMatchObject({ next: revision }));
  await restart();
  await put('durable.2', 'b');
  await kvflow.call('kv-key-delete', { bucket: 'b', key: 'durable.2' });
  await put('durable.3', 'c');
  // As the build before stored it: where it was, without which bucket of the name that is of.
  const { next_id, ...place } = (await placeOf('fn')) ?? { next: 0 };
  expect(next_id).toMatch(/-/);
  await kvflow.call('kv-key-put', { bucket: 'places', key: 'fn', value: place });
  await flows.deploy([...ENDS, durable()]);
  const after = flows.arrivals('out');
  const seen = [await receive(after), await receive(after), await receive(after)];
  expect(seen.map(({ topic, payload }) => [topic, (payload as { operation: string }).operation])).toEqual([
    ['durable.2', 'put'],
    ['durable.2', 'delete'],
    ['durable.3', 'put'],
  ]);
});

test('Node-RED - what did not come back to a watch is sent again after a restart, and nothing before it', async () => {
  const flow = [...ENDS, durable({ acknowledge: 'returned', id: 'fn' })];
  await flows.deploy(flow);
  let changes = flows.arrivals('out');
  for (const n of [4, 5, 6]) await put(`durable.${n}`, 'x');
  const [four, five, six] = [await receive(changes), await receive(changes), await receive(changes)];
  expect([four, five, six].map(({ topic }) => topic)).toEqual(['durable.4', 'durable.5', 'durable.6']);
  // One that comes back early does not stand for those before it.
  flows.node('fn').receive(six);
  flows.node('fn').receive(four);
  const { revision } = four.payload as { revision: number };
  await eventually(async () => expect((await placeOf('fn'))?.next).toBe(revision));
  await restart();
  await flows.deploy(flow);
  changes = flows.arrivals('out');
  expect(await receive(changes)).toMatchObject({ topic: 'durable.5' });
  const again = await receive(changes);
  expect(again).toMatchObject({ topic: 'durable.6' });
});

test('Node-RED - a watch that is taken out of the flow takes its place with it', async () => {
  expect(await placeOf('fn')).toBeDefined();
  await flows.deploy([{ id: 'tab', type: 'tab' }]);
  await eventually(async () => expect(await placeOf('fn')).toBeUndefined());
});

test('Node-RED - without a bucket for its place a watch begins anew after a restart', async () => {
  await restart();
  await flows.deploy([
    ...ENDS,
    watch({ bucket: BUCKET, start: ['str', 'current'], filter: ['str', 'kept.>'] }),
  ]);
  const changes = flows.arrivals('out');
  const seen = [await receive(changes), await receive(changes), await receive(changes)];
  expect(seen.map(({ topic }) => topic)).toEqual(['kept.1', 'kept.2', 'kept.3']);
});

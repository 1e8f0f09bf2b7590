/** The trigger: a message per change, without a gap over deploys and restarts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { startKvflow } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';
import type { TestFlows } from '../support/flows.ts';
import { ENDS, functionNode, startFlows } from '../support/flows.ts';

let kvflow: TestKvflow & { server: TestNats };
let flows: TestFlows & AsyncDisposable;
const put = (key: string, value: string) => kvflow.call('kv-key-put', { bucket: 'b', key, value });
const watch = (fields: Record<string, [string, string]>) => functionNode('kv-key-watch', fields);
const BUCKET: [string, string] = ['str', 'b'];
/** Status of each answer the nodes were given. */
const answered: number[] = [];

beforeAll(async () => {
  kvflow = await startKvflow();
  flows = await startFlows(async (...call) => {
    const envelope = await kvflow.invoke(...call);
    answered.push(envelope.status_code);
    return envelope;
  });
});

afterAll(async () => {
  await flows?.[Symbol.asyncDispose]();
  await kvflow?.[Symbol.asyncDispose]();
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

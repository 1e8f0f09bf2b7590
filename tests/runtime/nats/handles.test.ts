/** What is known of a bucket is asked for once for all who wait, and what is told of an item's end is taken before it is sent. */
import { expect, jest, test } from '@jest/globals';
import type { Call } from '../../../runtime/core/call.ts';
import type { JsApi } from '../../../runtime/nats/js-api.ts';
import { createHandles } from '../../../runtime/nats/kv/bucket/handles.ts';
import { serverNow } from '../../../runtime/nats/kv/bucket/server-clock.ts';
import { noteWitness, witnessOf } from '../../../runtime/nats/kv/read/witness.ts';
import { createPutMany } from '../../../runtime/nats/kv/transact/put-many.ts';
import { createTransact } from '../../../runtime/nats/kv/transact/transact.ts';
import { createPut } from '../../../runtime/nats/kv/write/put.ts';
import type { StreamInfo } from '../../../runtime/nats/stream-types.ts';
import { eventually } from '../../support/eventually.ts';
import { soon } from '../../support/soon.ts';

const bucket = 'b';
test('a bucket that is being looked up - the deadline of one call is no other call’s', async () => {
  const { handles, asked, answer } = lookedUp();
  const impatient = Promise.resolve(handles.open({ deadline: Date.now() }, bucket));
  const patient = Promise.resolve(handles.open(soon(), bucket));
  await expect(impatient).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  answer();
  expect(await patient).toMatchObject({ bucket });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.deadline).toBeGreaterThan(Date.now());
});

test('a bucket that is looked up again and is the same - what was stored lately is known on', async () => {
  const { handles, answer } = lookedUp();
  answer();
  const first = await handles.open(soon(), bucket);
  noteWitness(first, '$KV.b.k');
  const { now } = Date;
  const later = jest.spyOn(Date, 'now').mockImplementation(() => now() + 20_000);
  handles.open(soon(), bucket);
  answer();
  await eventually(async () => expect(await handles.open(soon(), bucket)).not.toBe(first));
  later.mockRestore();
  expect(witnessOf(await handles.open(soon(), bucket))).toBe('$KV.b.k');
});

test('the end that is told of an item is that of when it was sent, however long its answer takes', async () => {
  const { handles, answer } = lookedUp();
  answer();
  const handle = await handles.open(soon(), bucket);
  const ttl = 3_600_000_000_000;
  let sentAt = 0;
  const store = async () => {
    sentAt = serverNow(handle);
    while (serverNow(handle) < sentAt + 5) await new Promise(setImmediate);
    return 1;
  };
  const sendBatch = async () => ({ first: await store(), batch: '', last: 1 });
  const deps = { handles, writer: { store }, sendBatch, store, maxPayload: () => 0 } as never;
  const item = { key: 'k', value: 'v', ttl };
  const put = createPut(handles, deps);
  const putMany = createPutMany(deps);
  const transact = createTransact(deps);
  const ends = [
    async () => (await put(soon(), { bucket, ...item })).expiresAt,
    async () => {
      const puts = Array.from({ length: 100 }, (_, index) => ({ ...item, key: `k.${index}` }));
      const [first] = await putMany(soon(), bucket, puts);
      return first && 'expiresAt' in first ? first.expiresAt : undefined;
    },
    async () => {
      const operations = [{ op: 'put' as const, ...item }];
      return (await transact(soon(), { bucket, operations })).results[0]?.expiresAt;
    },
  ];
  for (const end of ends) expect(Date.parse((await end()) ?? '')).toBeLessThanOrEqual(sentAt + ttl / 1e6);
});

/** Handles of a bucket whose stream answers once it is told to. */
function lookedUp() {
  const asked: Call[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const config = {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    storage: 'file',
    num_replicas: 1,
    max_msgs_per_subject: 1,
    max_msg_size: -1,
    allow_msg_ttl: true,
    allow_atomic: true,
    allow_direct: true,
    allow_rollup_hdrs: true,
  };
  const state = { messages: 0, bytes: 0, first_seq: 1, last_seq: 0 };
  const info = { config, state, created: '2026-01-01T00:00:00Z', ts: new Date().toISOString() };
  const api = {
    streamInfo: async (call: Call) => {
      asked.push(call);
      await promise;
      return info as never as StreamInfo;
    },
  } as never as JsApi;
  const connecting = new Promise<never>(() => undefined);
  const handles = createHandles({ requests: {} as never, api, connecting });
  return { handles, asked, answer: resolve };
}

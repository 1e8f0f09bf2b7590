/** What an account may have no more of is told by name, by every function that needs it. */
import { expect, test } from '@jest/globals';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../runtime/core/manifest.ts';
import { calls } from '../support/calls.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { accountWith, startNats } from '../support/nats.ts';
import { connectOfficial } from '../support/official.ts';

const bucket = 'b';
const event = { event_id: '1', user: { anonymous_id: 'a' } };
/** What identify keeps its state in. */
const OWN = ['anonymous_events', 'recognition_pending', 'recognition_audit', 'recognition_locks'];

test('kv-bucket-create - limits of the account are told by name, and are nobody’s bad input', async () => {
  await using server = await startNats({ extra: accountWith('max_streams: 1') });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket });
  expect(await k.fail('kv-bucket-create', { bucket: 'c' })).toMatchObject({
    status_code: 507,
    code: 'BUCKET_FULL',
    message: expect.stringContaining('max_streams'),
  });
});

test('an account that takes no more buckets - whatever function needs one says so, as its schema does', async () => {
  await using server = await startNats({ extra: accountWith('max_streams: 1') });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket });
  for (const { name, examples } of (manifest as unknown as Manifest).functions)
    for (const { input } of examples) {
      const answer = await k.invoke(name, input);
      expect({ name, answer }).not.toMatchObject({ answer: { error: { code: 'INTERNAL' } } });
    }
});

test('an account that requires max_bytes - what is missing is told, for a bucket of kvflow’s own too', async () => {
  await using server = await startNats({ extra: accountWith('max_bytes_required: true') });
  await using k = joinNats({ servers: [server.url] });
  const told = {
    code: 'INVALID_INPUT',
    message: expect.stringContaining('max_bytes. Say it with kv-bucket-create'),
  };
  expect(await k.fail('kv-bucket-create', { bucket })).toMatchObject(told);
  expect(await k.fail('identify', { event })).toMatchObject(told);
  await makeOwn(k);
  expect(await k.call('identify', { event })).toMatchObject({ remembered: 1 });
});

test('an account that takes no more buckets - those that were made beforehand are used', async () => {
  await using server = await startNats({ extra: accountWith(`max_streams: ${OWN.length}`) });
  await using k = joinNats({ servers: [server.url] });
  await makeOwn(k);
  expect(await k.call('identify', { event })).toMatchObject({ remembered: 1 });
});

test('a user who may make no buckets uses those that were made beforehand', async () => {
  const may = 'permissions: { publish: { deny: "$JS.API.STREAM.CREATE.>" } }';
  const extra = `authorization { users = [ { user: u, password: p, ${may} }, { user: owner, password: p } ] }`;
  await using server = await startNats({ extra });
  await using k = joinNats({ servers: [server.url], user: 'u', password: 'p' });
  expect(await k.fail('identify', { event })).toMatchObject({ code: 'FORBIDDEN' });
  await using owner = joinNats({ servers: [server.url], user: 'owner', password: 'p' });
  await makeOwn(owner);
  expect(await k.call('identify', { event })).toMatchObject({ remembered: 1 });
});

async function makeOwn(k: TestKvflow): Promise<void> {
  for (const own of OWN)
    await calls.create(k, { bucket: own, history: 1, key_ttl: true, max_bytes: 10_000_000 });
}

test('kv-key-list, kv-queue-info - the limit of consumers is told by name; reads and writes of keys need none', async () => {
  await using server = await startNats({ extra: accountWith('max_consumers: 1') });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket });
  await using other = await connectOfficial(server.url);
  await other.jsm.consumers.add(`KV_${bucket}`, { durable_name: 'theirs' });
  await calls.put(k, { bucket, key: 'a', value: 'x' });
  expect(await calls.get(k, { bucket, key: 'a' })).toMatchObject({ value: 'x' });
  for (const [name, input] of Object.entries({ 'kv-key-list': {}, 'kv-queue-info': { queue: 'mails' } }))
    expect(await k.fail(name, { bucket, ...input })).toMatchObject({
      status_code: 507,
      code: 'BUCKET_FULL',
      message: expect.stringContaining('max_consumers'),
    });
  await other.jsm.consumers.delete(`KV_${bucket}`, 'theirs');
  expect((await calls.list(k, { bucket })).items).toHaveLength(1);
});

test('kv-key-list - what earlier listings keep on the server is given up where another one needs the room', async () => {
  await using server = await startNats({ extra: accountWith('max_consumers: 3') });
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket });
  for (let n = 0; n < 12; n++) await calls.put(k, { bucket, key: `k.${n % 6}.${n}`, value: 'x' });
  const first = [];
  for (let n = 0; n < 6; n++) first.push(await calls.list(k, { bucket, filter: `k.${n}.*`, limit: 1 }));
  for (const [n, { items, cursor }] of first.entries()) {
    const { items: more } = await calls.list(k, { bucket, limit: 1, cursor, filter: `k.${n}.*` });
    expect([...items, ...more].map(({ key }) => key)).toEqual([`k.${n}.${n}`, `k.${n}.${n + 6}`]);
  }
});

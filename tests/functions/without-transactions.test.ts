/** Buckets of a build before there were transactions: what they answer, and which of ours get them. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import type { BucketInfo } from '../../contract/types.gen.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { event } from '../support/identify.ts';
import type { JoinOptions } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import type { TestNats } from '../support/nats.ts';
import { startNats } from '../support/nats.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';
import { madeBucket, startBucket } from './kv.ts';

test.each(['file', 'memory'])(
  'import into a bucket without transactions answers the same as into one with them - %s',
  async storage => {
    await using k = await startKvflow();
    const records = [
      ...Array.from({ length: 150 }, (_, n) => ({ key: `k.${n}`, value: `v${n}` })),
      { key: 'k.1', value: 'twice' },
      { key: 'k..', value: 'no key' },
      { key: 'there', value: 'other' },
      { key: 'past', value: 'x', expires_at: '2001-01-01T00:00:00Z' },
    ];
    const answers = [true, false].map(async transactions => {
      const items = await madeBucket(k, `with-${transactions}`, { transactions, storage });
      await items.put('there', 'before');
      const told = [];
      for (const on_conflict of ['skip', 'overwrite', 'fail']) {
        const { status_code } = await k.invoke('kv-bucket-import', {
          bucket: `with-${transactions}`,
          records,
          on_conflict,
        });
        const { items: listed } = await items.list({ limit: 1_000 });
        told.push({ status_code, listed: listed.map(({ key, value }) => [key, value]).toSorted() });
      }
      return told;
    });
    const [withThem, without] = await Promise.all(answers);
    expect(without).toEqual(withThem);
  },
);

test('$kv turns them on in a bucket of ours that was made without, and commits several keys at once', async () => {
  await using state = await startBucket('state', {
    transactions: false,
    key_ttl: true,
    key_encoding: 'base64',
  });
  const script =
    'const n = ((await $kv.get("a")) ?? 0) + 1; await $kv.set("a", n); await $kv.set("b", n); return { n };';
  const run = () => state.kvflow.call('transform', { events: [{}, {}], script, kv_bucket: 'state' });
  const all = await Promise.all([run(), run(), run()]);
  expect(
    all
      .flatMap(({ events }) => events as unknown as { n: number }[])
      .map(({ n }) => n)
      .toSorted(),
  ).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await state.info()).transactions).toBe(true);
  expect((await state.list()).items.map(({ value }) => value)).toEqual(['6', '6']);
});

test('a nats-server 2.11 (stand-in: one that says so): what needs a later one is UNSUPPORTED, the rest works', async () => {
  await using k = await joinOld();
  const refused = await k.fail('kv-bucket-create', { bucket: 'b', transactions: true });
  expect(refused).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('nats-server 2.12'),
  });
  const items = await madeBucket(k, 'b', { transactions: false, key_ttl: true });
  await items.put('a', '1');
  expect(await k.call('kv-key-increment', { bucket: 'b', key: 'n' })).toMatchObject({ value: 1 });
  const operations = ['a', 'c'].map(key => ({ op: 'put', key, value: '2' }));
  expect(await k.fail('kv-transact', { bucket: 'b', operations })).toMatchObject({ code: 'UNSUPPORTED' });
  expect(await k.call('kv-key-get', { bucket: 'b', key: 'a' })).toMatchObject({ value: '1' });
  const plain = await k.call('transform', { event: { n: 1 }, script: 'return $' });
  expect(plain).toMatchObject({ events: [{ n: 1 }] });
});

test.each([
  ['one key is written', 'await $kv.set("n", 1)'],
  ['several are', 'await $kv.set("n", 1); await $kv.set("m", 1)'],
  ['one is read', 'await $kv.get("n")'],
  ['the script goes on without', 'await $kv.set("n", 1).catch(() => undefined)'],
  ['only one event of several uses it', 'if ($.n === 2) await $kv.set("n", 1)'],
])('a nats-server 2.11 (stand-in) - $kv is UNSUPPORTED before anything is made: %s', async (_, line) => {
  await using k = await joinOld();
  const events = [1, 2, 3].map(n => ({ n }));
  const error = await k.fail('transform', { events, script: `${line}; return $;` });
  expect(error).toMatchObject({ code: 'UNSUPPORTED', message: TOO_OLD('$kv') });
  // Nor in a bucket that is there, as a 2.11 makes it, which does not know the option.
  const state = { transactions: false, key_ttl: true, key_encoding: 'base64' };
  const ofScripts = await madeBucket(k, 'state', state);
  const there = await k.fail('transform', { events, script: `${line}; return $;`, kv_bucket: 'state' });
  expect(there).toMatchObject({ code: 'UNSUPPORTED', message: TOO_OLD('$kv') });
  expect(await ofScripts.info()).toMatchObject({ last_seq: 0, transactions: false });
  expect((await k.nats.kv.listBuckets(soon())).buckets.map(({ bucket }) => bucket)).toEqual(['state']);
});

test('$kv in a mirror is UNSUPPORTED and says which bucket to name; one whose transactions are turned off gets them again', async () => {
  const options = { key_ttl: true, key_encoding: 'base64' };
  await using state = await startBucket('state', options);
  const k = state.kvflow;
  await k.call('kv-bucket-create', { bucket: 'copy', mirror: { name: 'state' }, key_ttl: true });
  const script = '$kv.set("a", $.n); $kv.set("b", $.n); return $;';
  const run = (kv_bucket: string, n = 1) => ({ event: { n }, script, kv_bucket });
  expect(await k.fail('transform', run('copy'))).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('name bucket "state"'),
  });
  await k.call('transform', run('state', 1));
  await k.call('kv-bucket-update', { bucket: 'state', transactions: false });
  await k.call('transform', run('state', 2));
  expect((await state.list()).items.map(({ value }) => value)).toEqual(['2', '2']);
  expect(await state.info()).toMatchObject({ transactions: true });
});

test('a nats-server 2.11 (stand-in) - identify and what else of it writes is UNSUPPORTED, before anything is written or a warehouse asked', async () => {
  await using server = await startNats();
  const memory = memoryDestination();
  const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
  const recognition = { destinations: memoryDestinations(memory), defaults };
  await using newer = joinNats({ servers: [server.url] }, { recognition });
  memory.refuse = ({ n }) => (n === undefined ? undefined : new PackError('WAREHOUSE_ERROR', 'no n'));
  const to = { destination: 'memory' };
  // Something of every kind is there, as from before NATS was set back.
  await newer.call('identify', { ...to, events: [event('1', 'v'), { ...event('2', 'v'), n: 'text' }] });
  await newer.call('identify', { ...to, event: event('3', 'v', { id: 'u' }) });
  memory.fault = warehouseAway();
  await newer.call('identify', { ...to, event: event('4', 'w') });
  memory.fault = undefined;
  await newer.recognition.idle();
  await using k = await joinOld({ server, recognition });
  const stored = async () => (await newer.nats.kv.listBuckets(soon())).buckets.map(kept);
  const [before, asked] = [await stored(), { ...memory.requests }];
  const bad = { ...event('5', 'v'), n: 'text' };
  for (const [name, input] of [
    ['identify', { event: event('5', 'other', { id: 'u' }) }],
    ['identify', { ...to, events: [event('5', 'other'), bad, { n: 'no key' }] }],
    ['identify-undo', { anonymous_id: 'v', ...to }],
    ['identify-forget', { anonymous_id: 'v', rows: 'clear' }],
    ['identify-dead-replay', {}],
  ] as const)
    expect(await k.fail(name, input)).toMatchObject({ code: 'UNSUPPORTED', message: TOO_OLD('identify') });
  await expect(k.recognition.reconcile(soon())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect(await k.call('identify-visitor-list', to)).toMatchObject({ visitors: [{ anonymous_id: 'v' }] });
  expect(await k.call('identify-pending-list', to)).toMatchObject({ total: 1 });
  expect(await k.call('identify-dead-list', to)).toMatchObject({ letters: [{}] });
  expect(await stored()).toEqual(before);
  expect(memory.requests).toEqual(asked);
  // As soon as NATS is updated all of it goes on.
  expect(await newer.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
});

const TOO_OLD = (what: string) =>
  `${what} needs nats-server 2.12 or newer; this one is 2.11.9. Update it; functions of buckets and keys go on with this one.`;

const kept = ({ bucket, values, last_seq, bytes }: BucketInfo) => ({ bucket, values, last_seq, bytes });

/** On a server that says it is a 2.11: one of its own where none is given. */
async function joinOld({ server, ...options }: JoinOptions & { server?: TestNats } = {}) {
  const own = server ?? (await startNats());
  const proxy = await startLossyProxy(own.port, { asVersion: '2.11.9' });
  const kvflow = joinNats({ servers: [proxy.url] }, options);
  return {
    ...kvflow,
    [Symbol.asyncDispose]: async () => {
      await kvflow[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      if (!server) await own[Symbol.asyncDispose]();
    },
  };
}

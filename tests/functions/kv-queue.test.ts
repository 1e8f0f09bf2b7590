/** kv-queue-push, kv-queue-take and kv-queue-done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import type { KvQueueDoneOutput, KvQueuePushOutput, KvQueueTakeOutput } from '../../contract/types.gen.ts';
import type { FunctionContext } from '../../runtime/core/define-function.ts';
import { done } from '../../runtime/core/queue.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { PATIENCE } from '../support/patience.ts';
import { bucketOf, MS, startBucket } from './kv.ts';

const bucket = 'jobs';
/** Milliseconds in which a busy machine takes one item and looks for another. */
const SHORT = 100 * PATIENCE;

function queueOf(k: TestKvflow, queue = 'mails') {
  const call = async <T>(name: string, input: object) =>
    (await k.call(name, { bucket, queue, ...input })) as unknown as T;
  return {
    push: (value: unknown, more: object = {}) => call<KvQueuePushOutput>('kv-queue-push', { value, ...more }),
    take: (more: object = {}) => call<KvQueueTakeOutput>('kv-queue-take', more),
    done: ({ id, receipt }: KvQueueTakeOutput) => call<KvQueueDoneOutput>('kv-queue-done', { id, receipt }),
  };
}

test('kv-queue - takers of two processes do every item once while its lease holds, and those of a dead taker again', async () => {
  await using k = await startKvflow();
  await using other = joinNats(k.joined);
  await bucketOf(k, bucket).create({ key_ttl: true });
  const queue = queueOf(k);
  const ids = Array.from({ length: 40 }, (_, i) => `job-${i}`);
  await Promise.all(ids.map(id => queue.push(id, { id })));
  // One that is killed: it takes and never says that it is done.
  const lost = await queue.take({ lease: 300 * MS });
  const did: string[] = [];
  const worker = async (mine: ReturnType<typeof queueOf>) => {
    while (did.length < ids.length) {
      const item = await mine.take();
      if (!item.taken) {
        await sleep(20);
        continue;
      }
      expect((await mine.done(item)).done).toBe(true);
      did.push(item.id ?? '');
      if (item.id === lost.id) expect(item.tries).toBe(2);
    }
  };
  await Promise.all([k, other, k, other].map(each => worker(queueOf(each))));
  expect(did.sort()).toEqual([...ids].sort());
  expect((await queue.done(lost)).done).toBe(false);
  expect((await bucketOf(k, bucket).list()).items).toEqual([]);
});

test.each([{ history: 1 }, { history: 5 }])(
  'kv-queue - what is taken can be done, and what is dead dropped, in a bucket that is full: %j',
  async options => {
    await using k = await startKvflow();
    const jobs = bucketOf(k, bucket);
    await jobs.create({ key_ttl: true, max_bytes: 5_000, ...options });
    const queue = queueOf(k);
    await queue.push('dies', { id: 'dead' });
    await queue.take({ lease: MS, max_tries: 1 });
    await eventually(async () => {
      await queue.take({ max_tries: 1 });
      expect(await k.call('kv-queue-info', { bucket, queue: 'mails' })).toMatchObject({ dead: 1 });
    });
    await queue.push('a');
    await queue.push('b');
    const taken = await queue.take();
    for (const [name, value] of [
      ['x', 'x'.repeat(100)],
      ['y', ''],
    ]) {
      const isFull = async (n: number) =>
        (await k.fail('kv-key-put', { bucket, key: `${name}${n}`, value }).catch(() => undefined)) !==
        undefined;
      for (let n = 0; !(await isFull(n)); n++);
    }
    expect((await queue.done(taken)).done).toBe(true);
    expect((await queue.done(taken)).done).toBe(false);
    expect(
      await k.call('kv-queue-dead-drop', { bucket, queue: 'mails', key: 'mails.dead.dead' }),
    ).toMatchObject({
      dropped: 1,
    });
    expect(await k.call('kv-queue-info', { bucket, queue: 'mails' })).toMatchObject({
      length: 1,
      leased: 0,
      dead: 0,
    });
  },
);

test('kv-queue - oldest first, delayed ones later, an id once, and put aside after so many tries', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const k = items.kvflow;
  const queue = queueOf(k);
  await queue.push('late', { id: 'late', delay: 12 * SHORT * MS });
  await queue.push({ to: 'Ada' }, { id: 'a' });
  await queue.push('second', { id: 'b' });
  expect((await queue.push('again', { id: 'a' })).added).toBe(false);
  expect((await queueOf(k, 'mails.other').take()).taken).toBe(false);
  const info = (name = 'mails') => k.call('kv-queue-info', { bucket, queue: name });
  expect(await info()).toMatchObject({ length: 3, free: 2, leased: 1, dead: 0 });
  expect(await info('mails.other')).toMatchObject({ length: 0, free: 0, leased: 0, dead: 0 });
  const first = await queue.take({ lease: 4 * SHORT * MS, max_tries: 2 });
  expect(first).toMatchObject({ id: 'a', value: '{"to":"Ada"}', tries: 1 });
  const second = await queue.take();
  expect(second).toMatchObject({ id: 'b', value: 'second' });
  expect((await queue.take()).taken).toBe(false);
  const again = { lease: SHORT * MS, max_tries: 2 };
  await eventually(async () => expect(await queue.take(again)).toMatchObject({ id: 'a', tries: 2 }));
  expect((await queue.done(first)).done).toBe(false);
  expect((await queue.done(second)).done).toBe(true);
  // What was taken too often is put aside meanwhile.
  await eventually(async () =>
    expect(await queue.take({ max_tries: 2 })).toMatchObject({ id: 'late', tries: 1 }),
  );
  expect((await queue.take({ max_tries: 2 })).taken).toBe(false);
  expect((await items.list()).items.map(({ key }) => key)).toContain('mails.dead.a');
});

test('kv-queue - an id that is put aside again leaves what was put aside before', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const queue = queueOf(items.kvflow);
  for (const value of ['first', 'second', 'third']) {
    await queue.push(value, { id: 'a' });
    expect(await queue.take({ max_tries: 1, lease: SHORT * MS })).toMatchObject({ value });
    await eventually(async () => {
      expect((await queue.take({ max_tries: 1 })).taken).toBe(false);
      expect((await items.list({ filter: 'mails.item.*' })).items).toEqual([]);
    });
  }
  const dead = (await items.list({ filter: 'mails.dead.*' })).items;
  expect(dead.map(({ value }) => JSON.parse(String(value)).value)).toEqual(['first', 'second', 'third']);
  expect(dead.map(({ key }) => key)).toEqual([
    'mails.dead.a',
    expect.stringMatching(/^mails\.dead\.a-\d+$/),
    expect.stringMatching(/^mails\.dead\.a-\d+$/),
  ]);
  expect(await items.kvflow.call('kv-queue-info', { bucket, queue: 'mails' })).toMatchObject({ dead: 3 });
});

test('kv-queue - an item is put aside also where another id was put aside under the name that it would have', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const queue = queueOf(items.kvflow);
  await items.put('mails.dead.a', 'first');
  await items.put('mails.item.a', JSON.stringify({ value: 'second', tries: 1 }));
  const { revision } = await items.get('mails.item.a');
  const taken = `mails.dead.a-${revision}`;
  await items.put(taken, 'of another id');
  expect((await queue.take({ max_tries: 1 })).taken).toBe(false);
  const stored = (await items.list({ filter: 'mails.>' })).items.map(({ key }) => key);
  expect(stored).toEqual(['mails.dead.a', taken, `${taken}-${revision}`]);
});

test('kv-queue - items that were put by hand are items too, and bytes that are no text are put aside', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const queue = queueOf(items.kvflow);
  const byHand = [
    'no JSON',
    'null',
    '[1]',
    '{"value":"v"}',
    '{"value":1,"tries":0}',
    '{"value":"v","tries":1.5}',
  ];
  for (const [n, value] of byHand.entries()) await items.put(`mails.item.h${n}`, value);
  await items.put('mails.item.bytes', '/wD+', { encoding: 'base64' });
  await queue.push('pushed', { id: 'pushed' });
  for (const [n, value] of byHand.entries())
    expect(await queue.take()).toMatchObject({ id: `h${n}`, value, tries: 1 });
  const pushed = await queue.take();
  expect(pushed).toMatchObject({ id: 'pushed', value: 'pushed' });
  expect((await queue.done(pushed)).done).toBe(true);
  expect(await items.get('mails.dead.bytes')).toMatchObject({ value: '/wD+', encoding: 'base64' });
});

test('kv-queue - whose lease ends while he says that he is done is not done with what is put aside meanwhile', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const queue = queueOf(items.kvflow);
  const { kv } = items.kvflow.nats;
  await queue.push('slow', { id: 'a' });
  const slow = await queue.take({ lease: SHORT * MS });
  const late: typeof kv.get = async (...asked) => {
    const lease = await kv.get(...asked);
    const putAside = async () => expect(await queue.take({ max_tries: 1 })).toEqual({ ...at, taken: false });
    await sleep(SHORT);
    await eventually(async () => {
      await putAside();
      expect((await items.list()).items.map(({ key }) => key)).toEqual(['mails.dead.a']);
    });
    return lease;
  };
  const at = { bucket, queue: 'mails' };
  const ctx = { deadline: Date.now() + 15_000 * PATIENCE, kv: { ...kv, get: late } };
  const receipt = { id: 'a', receipt: slow.receipt ?? 0 };
  expect(await done(ctx as unknown as FunctionContext, at, receipt)).toBe(false);
  expect(await items.kvflow.call('kv-queue-info', at)).toMatchObject({ length: 0, leased: 0, dead: 1 });
});

test('kv-queue - a look through what is done that finds nothing yet is gone on with, by the next call too where time ran out', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const k = items.kvflow;
  const queue = queueOf(k);
  for (const id of ['a', 'b', 'c']) await queue.push(id, { id });
  for (let n = 0; n < 3; n++) await queue.done(await queue.take());
  await queue.push('d', { id: 'd' });
  const [left] = (await items.list({ filter: 'mails.item.*' })).items;
  const front = (left?.sequence ?? 0) - 1;
  expect(front).toBeGreaterThan(4);
  await using fresh = joinNats(k.joined);
  await bucketOf(fresh, bucket).info();
  await fresh.nats.kv.get({ deadline: Date.now() + 5_000 * PATIENCE }, { bucket, key: 'known' });
  const looks: number[] = [];
  const { listPage } = fresh.nats.kv;
  // As where more is done than one page looks through.
  fresh.nats.kv.listPage = async (call, page) => {
    looks.push(page.startSeq);
    if (looks.length > 3) throw new PackError('UNAVAILABLE', 'there is no time left');
    if (page.startSeq >= front) return await listPage(call, page);
    return { entries: [], hasMore: true, nextSeq: page.startSeq + 1 };
  };
  await fresh.fail('kv-queue-take', { bucket, queue: 'mails' });
  expect(looks.splice(0)).toEqual([0, 1, 2, 3]);
  fresh.nats.kv.listPage = async (call, page) => {
    looks.push(page.startSeq);
    return await listPage(call, page);
  };
  expect(await queueOf(fresh).take()).toMatchObject({ id: 'd', taken: true });
  // What is before the first item is not looked through again.
  await queueOf(fresh).take();
  expect(looks).toEqual([3, front]);
});

test('kv-queue - what was done is looked through once, also while nothing is to be done', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  const k = items.kvflow;
  const queue = queueOf(k);
  for (const id of ['a', 'b', 'c']) await queue.push(id, { id });
  for (let n = 0; n < 3; n++) await queue.done(await queue.take());
  expect((await queue.take()).taken).toBe(false);
  const looks: number[] = [];
  const { listPage } = k.nats.kv;
  k.nats.kv.listPage = async (call, page) => {
    looks.push(page.startSeq);
    return await listPage(call, page);
  };
  expect((await queue.take()).taken).toBe(false);
  // Each was pushed, taken and done.
  expect(looks).toHaveLength(1);
  expect(looks[0]).toBeGreaterThan(6);
  await queue.push('d', { id: 'd' });
  expect(await queue.take()).toMatchObject({ id: 'd', taken: true });
});

test('kv-queue - the items of a bucket that was made again are found, though they are before those of the one before', async () => {
  await using items = await startBucket(bucket, { key_ttl: true });
  await using other = joinNats(items.kvflow.joined);
  const [mine, theirs] = [queueOf(items.kvflow), queueOf(other)];
  for (const id of ['a', 'b', 'c']) await mine.push(id, { id });
  for (let n = 0; n < 3; n++) await theirs.done(await theirs.take());
  await items.drop();
  await items.create({ key_ttl: true });
  await mine.push('new', { id: 'new' });
  await eventually(async () => expect(await theirs.take()).toMatchObject({ id: 'new', tries: 1 }));
});

test('kv-queue - an item that another client wrote once more, under its plain key, hides none that is before it', async () => {
  await using items = await startBucket(bucket, { key_ttl: true, key_encoding: 'base64' });
  const k = items.kvflow;
  const queue = queueOf(k);
  await queue.push('late', { id: 'late', delay: 600_000 * MS });
  // More than a look reads at once.
  const ids = Array.from({ length: 120 }, (_, i) => `job-${i}`);
  for (const id of ids) await queue.push(id, { id });
  const nc = await k.nats.connection;
  await nc.request(`$KV.${bucket}.mails.item.late`, '{"value":"late","tries":0}');
  for (const id of ids.slice(0, 3)) expect(await queue.take()).toMatchObject({ taken: true, id });
});

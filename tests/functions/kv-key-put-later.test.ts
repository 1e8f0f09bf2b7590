/** kv-key-put with at and delay: what waits, when it is put, and by whom. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { startScheduler } from '../../runtime/main/scheduler.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { PATIENCE } from '../support/patience.ts';
import { MS, madeBucket, SECOND, startBucket } from './kv.ts';

const bucket = 'b';

function scheduling(k: TestKvflow, warnings: string[] = []) {
  const scheduler = startScheduler(k.nats, { warn: line => warnings.push(line), idleMs: 20 });
  return { [Symbol.asyncDispose]: () => scheduler.stop() };
}

test('a value appears at its time, once, with all it was put with, and a watch hears of it', async () => {
  await using items = await startBucket(bucket, { history: 5, key_ttl: true });
  const k = items.kvflow;
  await items.put('a', 'before');
  const about = { content_type: 'text/plain', metadata: { m: '1' } };
  const by = { host: 'cron' };
  const asked = { bucket, key: 'a', value: 'later', delay: 400 * MS, ttl: 600 * SECOND, ...about };
  const put = await k.call('kv-key-put', asked, { by });
  expect(put).toMatchObject({ waits_as: '_scheduled.a', due_at: expect.any(String) });
  const { due_at } = put as unknown as { due_at: string };
  expect(await items.get('_scheduled.a')).toMatchObject({ value: 'later', due_at, ...about });
  expect((await items.list()).items).toMatchObject([{ key: 'a' }, { key: '_scheduled.a', due_at }]);
  expect((await items.get('a')).value).toBe('before');
  // Nobody serves before this, so that what waits is seen to wait.
  await using _scheduler = scheduling(k);
  const { events } = await items.watch({ filter: 'a', after: put.revision, wait_ms: 20_000 });
  expect(events).toMatchObject([{ key: 'a', value: 'later', operation: 'put', by, ...about }]);
  const at = Date.parse(events[0]?.created_at ?? '');
  expect(at).toBeGreaterThanOrEqual(Date.parse(due_at) - 1);
  const found = await items.get('a');
  expect(Math.abs(Date.parse(found.expires_at ?? '') - at - 600_000)).toBeLessThan(2_000);
  expect(found).not.toHaveProperty('due_at');
  expect((await items.fail('kv-key-get', { key: '_scheduled.a' })).details).toMatchObject({
    operation: 'purge',
  });
  expect((await items.history('a')).items.map(({ value }) => value)).toEqual(['before', 'later']);
  await eventually(async () => expect(await k.nats.kv.keys(call(), 'kvflow_scheduled', '>')).toEqual([]));
});

test('it is put off, cancelled, changed, dropped when the key is not as expected, and put at once when past', async () => {
  await using k = await startKvflow();
  const warnings: string[] = [];
  const items = await madeBucket(k, bucket, { history: 5 });
  const later = (key: string, more: object) => items.put(key, `${key} later`, { delay: 300 * MS, ...more });
  await later('off', {});
  await later('off', { delay: 3_600 * SECOND });
  await later('cancelled', {});
  await items.remove('_scheduled.cancelled');
  await later('number', {});
  await items.put('number', 'now');
  await k.call('kv-key-append', { bucket, key: '_scheduled.number', value: '!', as: 'text' });
  const { revision } = await items.put('expected', '1');
  await later('expected', { expected_revision: revision });
  await items.put('unexpected', '1');
  await later('unexpected', { expected_revision: 0 });
  await items.put('past', 'at once', { at: '2001-01-01T00:00:00Z' });
  expect((await items.get('past')).value).toBe('at once');
  // Nobody serves before all of it is changed.
  await using _scheduler = scheduling(k, warnings);
  const gone = (key: string) =>
    expect(items.fail('kv-key-get', { key: `_scheduled.${key}` })).resolves.toBeDefined();
  for (const key of ['number', 'expected', 'unexpected']) await eventually(() => gone(key));
  expect((await items.get('number')).value).toBe('number later!');
  expect((await items.get('expected')).value).toBe('expected later');
  expect((await items.get('unexpected')).value).toBe('1');
  expect(warnings).toEqual([expect.stringContaining('"unexpected"')]);
  await items.fail('kv-key-get', { key: 'cancelled' });
  await items.fail('kv-key-get', { key: 'off' });
  expect((await items.get('_scheduled.off')).value).toBe('off later');
});

test('what the bucket no longer takes when it is due stays where it waited, and is told', async () => {
  await using k = await startKvflow();
  const warnings: string[] = [];
  const items = await madeBucket(k, bucket, { history: 5 });
  await items.put('a', 'no number', { delay: 300 * MS });
  await items.update({ value_schema: { type: 'number' } });
  await using _scheduler = scheduling(k, warnings);
  await eventually(() => expect(warnings).toEqual([expect.stringContaining('"_scheduled.a"')]));
  expect((await items.get('_scheduled.a')).value).toBe('no number');
  await items.fail('kv-key-get', { key: 'a' });
});

test('many are put once each by several processes, after a restart too; where it cannot be it says so', async () => {
  await using one = await startKvflow();
  await using two = joinNats(one.joined);
  const items = await madeBucket(one, bucket, { history: 5 });
  const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
  // Nobody serves while they come due.
  await Promise.all(keys.map((key, n) => items.put(key, key, { delay: (1 + n) * MS })));
  await using _first = scheduling(one);
  await using _second = scheduling(two);
  await eventually(async () => expect((await items.getMany(keys)).missing).toEqual([]), { within: 10_000 });
  await eventually(async () => expect((await items.list()).items).toHaveLength(keys.length));
  for (const key of keys) expect((await items.history(key)).items).toHaveLength(1);
  const without = await madeBucket(one, 'without', { transactions: false });
  const put = { key: 'a', value: '1', delay: SECOND };
  expect(await without.fail('kv-key-put', put)).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('kv-bucket-update'),
  });
  expect((await items.fail('kv-key-put', { ...put, at: '2100-01-01T00:00:00Z' })).errors).toMatchObject([
    { pointer: '/delay' },
  ]);
  expect((await items.fail('kv-key-put', { ...put, ttl: SECOND })).errors).toMatchObject([
    { pointer: '/ttl' },
  ]);
});

test.each([
  ['by the process that was asked', false],
  ['by another one, which has never heard of the bucket', true],
])(
  'a value appears within half a second of its time, by the clock of the server, and once - %s',
  async (_by, isOther) => {
    await using items = await startBucket(bucket, { history: 5 });
    const asked = items.kvflow;
    await using other = joinNats(asked.joined);
    const serving = isOther ? other : asked;
    // Looks for the index as seldom as every kvflow does: the very first item makes it.
    const scheduler = startScheduler(serving.nats, { warn: line => expect(line).toBe('') });
    await using _scheduler = { [Symbol.asyncDispose]: () => scheduler.stop() };
    // The first of all alone, then some whose times are near each other, then some that are due as soon as they are put.
    for (const delays of [[300], [400, 420, 460, 700, 1_000, 1_050], [1, 1, 30]])
      await oftenEnough(async round => {
        const times = delays.map((delay, n) => appears(`${round}.${delays.length}.${n}`, delay));
        for (const { due, at, usual } of await Promise.all(times)) {
          expect(at).toBeGreaterThanOrEqual(Math.min(due, usual) - 1);
          expect(at).toBeLessThanOrEqual(Math.max(due, usual) + 500);
        }
      });

    /** When it is due, when it is there, and when a write is there that somebody makes at that time by hand: all by the server's clock. */
    async function appears(key: string, delay: number) {
      const before = await ahead();
      const put = await items.put(key, 'later', { delay: delay * MS });
      const error = Math.max(0, before, await ahead());
      // Where the machine got no time in between it is past, and put at once.
      const { waits_as = key, due_at = (await items.get(key)).created_at } = put;
      const due = Date.parse(due_at);
      // What it waits for is what was asked for.
      const waiting = (await items.get(waits_as).catch(() => undefined)) ?? { created_at: due_at };
      expect(due - Date.parse(waiting.created_at)).toBeLessThanOrEqual(delay + error + 1);
      const usual = await byHand(`hand.${key}`, due);
      await eventually(async () => expect((await items.get(key)).value).toBe('later'));
      const { items: history } = await items.history(key);
      expect(history).toMatchObject([{ value: 'later' }]);
      return { due, at: Date.parse(history[0]?.created_at ?? ''), usual };
    }

    /** How far the server's clock, which is this machine's, is taken to be ahead: by half of what the look at it took, at most. */
    async function ahead(): Promise<number> {
      const asking = Date.now();
      return (await asked.nats.kv.now(call(), bucket)) - asking;
    }

    async function byHand(key: string, due: number): Promise<number> {
      const { kv } = serving.nats;
      await sleep(Math.max(0, due - (await kv.now(call(), 'kvflow_scheduled'))));
      await kv.get(call(), { bucket, key });
      const operations = [key, `${key}.too`].map(one => ({ op: 'put' as const, key: one, value: 'now' }));
      await kv.transact(call(), { bucket, operations });
      return Date.parse((await items.get(key)).created_at);
    }
  },
);

/** A machine that has no time just then gets another try, and one more. */
async function oftenEnough(attempt: (round: number) => Promise<void>): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      return await attempt(round);
    } catch (error) {
      if (round === 3) throw error;
    }
  }
}

test('the first that anybody schedules wakes who waits for it', async () => {
  await using items = await startBucket(bucket);
  const { nats } = items.kvflow;
  let looked = 0;
  const now: typeof nats.kv.now = async (...asked) => {
    looked++;
    return await nats.kv.now(...asked);
  };
  // It looks again in an hour, unless it hears of it.
  const there = { ...nats, kv: { ...nats.kv, now } };
  const scheduler = startScheduler(there, { warn: () => undefined, idleMs: 3_600_000 });
  await using _scheduler = { [Symbol.asyncDispose]: () => scheduler.stop() };
  await eventually(() => expect(looked).toBe(1));
  await items.put('a', 'later', { delay: 1 * MS });
  await eventually(async () => expect((await items.get('a')).value).toBe('later'));
});

test('one that is stored later than it is due is put all the same', async () => {
  await using items = await startBucket(bucket);
  const k = items.kvflow;
  const { kv } = k.nats;
  // As by a machine that gets no time between the two: the entry of the index stands before its item.
  const at = Date.now() - 1;
  await kv.createBucket(call(), 'kvflow_scheduled', {});
  await kv.put(call(), { bucket: 'kvflow_scheduled', key: `${at}/${bucket}/a`, value: '' });
  let looked = 0;
  const looking = async (...asked: Parameters<typeof kv.get>) => {
    const found = await kv.get(...asked);
    looked += asked[1].key === '_scheduled.a' ? 1 : 0;
    return found;
  };
  await using _scheduler = scheduling({ ...k, nats: { ...k.nats, kv: { ...kv, get: looking } } });
  await eventually(() => expect(looked).toBeGreaterThan(0));
  await kv.put(call(), { bucket, key: '_scheduled.a', value: 'late', scheduled: { at } });
  await eventually(async () => expect((await items.get('a')).value).toBe('late'));
  await eventually(async () => expect(await kv.keys(call(), 'kvflow_scheduled', '>')).toEqual([]));
});

test('one that comes due while NATS is away is put once it is back', async () => {
  await using items = await startBucket(bucket);
  const k = items.kvflow;
  await items.put('a', 'later', { delay: 1 * MS });
  const { kv } = k.nats;
  let failed = 0;
  // From the first look at what waits on: that one fails, and whatever is asked next. The watch of the index goes on by itself.
  const fail = (): Promise<never> => {
    failed++;
    return Promise.reject(new PackError('UNAVAILABLE', 'away'));
  };
  const get: typeof kv.get = (...asked) => (failed < 2 ? fail() : kv.get(...asked));
  const now: typeof kv.now = (...asked) => (failed === 1 ? fail() : kv.now(...asked));
  await using _scheduler = scheduling({ ...k, nats: { ...k.nats, kv: { ...kv, get, now } } });
  await eventually(async () => expect((await items.get('a')).value).toBe('later'));
});

const call = () => ({ deadline: Date.now() + 5_000 * PATIENCE });

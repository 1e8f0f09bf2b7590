import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import type { Joined } from '../support/account-server.ts';
import { eventually } from '../support/eventually.ts';
import { heardOfAll } from '../support/heard-of-all.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow, startWithServer } from '../support/kvflow.ts';
import { whileAlive } from '../support/while-alive.ts';
import { bucketOf, clockIsRight, MS, SECOND, startBucket } from './kv.ts';

/** Clients spread over so many connections, each of which is like a process of its own to the others. */
const CONNECTIONS = 8;
const CLIENTS = 32;

describe('kv-key-increment', () => {
  test('counts from initial by steps of any sign', async () => {
    await using bucket = await startBucket('counters');
    expect(await bucket.increment('a')).toMatchObject({ value: 1, revision: 1, applied: true });
    expect(await bucket.increment('a', { by: 10 })).toMatchObject({ value: 11, revision: 2 });
    expect(await bucket.increment('a', { by: -20 })).toMatchObject({ value: -9 });
    expect(await bucket.increment('a', { by: 0, initial: 500 })).toMatchObject({ value: -9 });
    expect(await bucket.increment('b', { initial: 100 })).toMatchObject({ value: 101 });
    expect((await bucket.get('a')).value).toBe('-9');
  });

  test('32 clients with 1,000 steps each end at exactly 32,000, each value answered once', async () => {
    await using k = await startKvflow();
    await bucketOf(k, 'counters').create();
    await using others = joinAll(k.joined);
    const values = new Set<number>();
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        const bucket = bucketOf(others.at(client), 'counters');
        for (let step = 0; step < 1_000; step++) values.add((await bucket.increment('a')).value);
      }),
    );
    expect(await bucketOf(k, 'counters').get('a')).toMatchObject({ value: '32000' });
    expect(values.size).toBe(32_000);
    expect(Math.max(...values)).toBe(32_000);
  });

  test('a NATS that is killed in the middle loses nothing acknowledged and doubles nothing', async () => {
    await using k = await startWithServer();
    await bucketOf(k, 'counters').create();
    await using others = joinAll(k.joined);
    const tally = { acknowledged: 0, unknown: 0, refused: 0 };
    const counting = Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        for (let step = 0; step < 300; step++) {
          count(tally, await others.at(client).invoke('kv-key-increment', { bucket: 'counters', key: 'a' }));
        }
      }),
    );
    for (let kill = 0; kill < 2; kill++) {
      await sleep(300);
      await k.server.stop('SIGKILL');
      await k.server.start();
    }
    await counting;
    const value = await eventually(async () => Number((await bucketOf(k, 'counters').get('a')).value));
    expect(tally.acknowledged + tally.unknown + tally.refused).toBe(CLIENTS * 300);
    expect(tally.acknowledged).toBeGreaterThan(0);
    expect(value).toBeGreaterThanOrEqual(tally.acknowledged);
    expect(value).toBeLessThanOrEqual(tally.acknowledged + tally.unknown);
  });

  test('does not step beyond min and max, and says where it stands', async () => {
    await using bucket = await startBucket('stock');
    expect(await bucket.increment('a', { by: 3, max: 2 })).toMatchObject({
      value: 0,
      revision: 0,
      applied: false,
    });
    expect((await bucket.fail('kv-key-get', { key: 'a' })).code).toBe('KEY_NOT_FOUND');
    await bucket.increment('a', { by: 5 });
    expect(await bucket.increment('a', { max: 5 })).toMatchObject({ value: 5, revision: 1, applied: false });
    expect(await bucket.increment('a', { by: -5, min: 0 })).toMatchObject({ value: 0, applied: true });
    expect(await bucket.increment('a', { by: -1, min: 0 })).toMatchObject({ value: 0, applied: false });
    const error = await bucket.fail('kv-key-increment', { key: 'a', min: 5, max: 1 });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/min' }] });
  });

  test('lets through exactly max of many callers at once', async () => {
    await using k = await startKvflow();
    await bucketOf(k, 'limits').create({ key_ttl: true });
    await using others = joinAll(k.joined);
    for (let client = 0; client < CONNECTIONS; client++) await clockIsRight(others.at(client), 'limits');
    const sent = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        bucketOf(others.at(index), 'limits').increment('user.42', { max: 50, ttl: 60 * SECOND }),
      ),
    );
    const took = performance.now() - sent;
    expect(answers.filter(answer => answer.applied)).toHaveLength(50);
    const ends = answers.map(answer => Date.parse(answer.reset_at ?? ''));
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(took + 30);
  });

  test('a window begins with its first step, is not moved by later ones, and begins anew', async () => {
    await using bucket = await startBucket('limits', { key_ttl: true });
    await clockIsRight(bucket.kvflow, 'limits');
    const { key, step, first } = await whileAlive(1_200, async ms => {
      const [key, step] = [`a.${ms}`, { max: 2, ttl: ms * MS }];
      const sent = performance.now();
      const first = await bucket.increment(key, step);
      const took = performance.now() - sent;
      await sleep(300);
      const second = await bucket.increment(key, step);
      const third = await bucket.increment(key, { ...step, ttl: 600 * SECOND });
      expect([second.value, third.value]).toEqual([2, 2]);
      expect(third.applied).toBe(false);
      for (const { reset_at } of [second, third]) {
        const later = Date.parse(reset_at ?? '') - Date.parse(first.reset_at ?? '');
        expect(Math.abs(later)).toBeLessThanOrEqual(took + 30);
      }
      expect(Date.parse((await bucket.get(key)).expires_at ?? '')).toBe(Date.parse(second.reset_at ?? ''));
      return { key, step, first };
    });
    await eventually(() => bucket.fail('kv-key-get', { key }));
    const anew = await bucket.increment(key, step);
    expect(anew).toMatchObject({ value: 1, applied: true });
    expect(Date.parse(anew.reset_at ?? '')).toBeGreaterThan(Date.parse(first.reset_at ?? ''));
  });

  test('a step without ttl does not end the window of a counter that has one', async () => {
    await using bucket = await startBucket('limits', { key_ttl: true });
    const { reset_at } = await bucket.increment('a', { ttl: 60 * SECOND });
    expect((await bucket.increment('a')).reset_at).toBe(reset_at);
    expect((await bucket.increment('b')).reset_at).toBeUndefined();
    expect((await bucket.increment('b', { ttl: 60 * SECOND })).reset_at).toBeUndefined();
  });

  test('refuses what is no integer and leaves it as it is', async () => {
    await using bucket = await startBucket('counters');
    for (const value of ['many', '', '1.5', '99999999999999999999', { n: 1 }]) {
      await bucket.put('a', value);
      const error = await bucket.fail('kv-key-increment', { key: 'a' });
      expect(error).toMatchObject({ code: 'NOT_A_NUMBER', status_code: 422 });
      // An integer with more digits is one too, and is to be told what is counted.
      expect(error.message).toContain('no integer from -9007199254740991 to 9007199254740991');
    }
    await bucket.put('a', '41');
    expect((await bucket.increment('a')).value).toBe(42);
  });

  test('does not leave the range of exact integers', async () => {
    await using bucket = await startBucket('counters');
    await bucket.increment('a', { by: Number.MAX_SAFE_INTEGER });
    expect(await bucket.fail('kv-key-increment', { key: 'a' })).toMatchObject({ code: 'INVALID_INPUT' });
    expect((await bucket.get('a')).value).toBe(String(Number.MAX_SAFE_INTEGER));
  });

  test('begins anew after a delete, a purge and a put by others', async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    const [bucket, there] = [bucketOf(k, 'counters'), bucketOf(other, 'counters')];
    await bucket.create();
    for (const end of [() => there.remove('a'), () => there.purge({ key: 'a' })]) {
      expect((await bucket.increment('a')).value).toBe(1);
      expect((await bucket.increment('a')).value).toBe(2);
      await end();
    }
    expect((await bucket.increment('a')).value).toBe(1);
    await there.put('a', '70');
    expect((await bucket.increment('a')).value).toBe(71);
  });

  test('does not take a counter of a bucket that was deleted for one of its successor', async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    const [bucket, there] = [bucketOf(k, 'counters'), bucketOf(other, 'counters')];
    await bucket.create();
    expect((await bucket.increment('a')).value).toBe(1);
    await there.drop();
    await there.create();
    expect((await there.increment('a', { by: 100 })).value).toBe(100);
    // The server announces that the bucket is gone, and what it tells next comes behind that.
    await heardOfAll(k);
    expect((await bucket.increment('a')).value).toBe(101);
  });

  test('needs a bucket that allows a ttl per key for a window', async () => {
    await using bucket = await startBucket('limits');
    const error = await bucket.fail('kv-key-increment', { key: 'a', ttl: SECOND });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/ttl' }] });
    expect(error.message).toMatch(/key_ttl/);
  });

  test('keeps its history where the bucket does', async () => {
    await using bucket = await startBucket('counters', { history: 5 });
    for (let step = 0; step < 3; step++) await bucket.increment('a');
    expect((await bucket.history('a')).items.map(item => item.value)).toEqual(['1', '2', '3']);
  });
});

/** Connections of their own, ended together. */
function joinAll(where: Joined): AsyncDisposable & { at(client: number): TestKvflow } {
  const joined = Array.from({ length: CONNECTIONS }, () => joinNats(where, { validateOutput: false }));
  return {
    at: client => joined[client % CONNECTIONS] as TestKvflow,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(joined.map(kvflow => kvflow[Symbol.asyncDispose]()));
    },
  };
}

/** UNAVAILABLE says that nothing was written; TIMEOUT that it is not known. */
function count(tally: { acknowledged: number; unknown: number; refused: number }, answer: Envelope): void {
  if (!isFailure(answer)) tally.acknowledged += 1;
  else if (answer.error.code === 'TIMEOUT') tally.unknown += 1;
  else if (answer.error.code === 'UNAVAILABLE') tally.refused += 1;
  else throw new Error(JSON.stringify(answer));
}

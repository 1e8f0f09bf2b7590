/** A part of kv-key-watch.test.ts: what a call answers, from where on, and when it waits. */
import { expect, test } from '@jest/globals';
import kvKeyWatch from '../../../functions/kv-key-watch.ts';
import type { KvWatch } from '../../../runtime/core/ports/watches.ts';
import { eventually } from '../../support/eventually.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { PATIENCE } from '../../support/patience.ts';
import { bucketOf, startBucket } from '../kv.ts';

/** Registers them. */
export function changes(): void {
  test('waits for a change and answers when it comes', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.put('a', 'old');
    const began = Date.now();
    const watching = bucket.watch({ wait_ms: 20_000 });
    // It watches once it has its consumer.
    await eventually(async () =>
      expect(await bucket.kvflow.call('kv-account-info', {})).toMatchObject({ consumers: { used: 1 } }),
    );
    await bucket.put('a', 'new');
    expect(await watching).toMatchObject({ events: [{ key: 'a', operation: 'put', value: 'new' }], next: 2 });
    expect(Date.now() - began).toBeLessThan(15_000);
  });

  test('of more that nobody wants than one call can read, the next call goes on where it stood', async () => {
    await using bucket = await startBucket('prefs');
    for (const key of ['a', 'b', 'c']) {
      await bucket.put(key, 'old');
      await bucket.remove(key);
    }
    const soon = { deadline: Date.now() + 5_000 * PATIENCE };
    const range = { bucket: 'prefs', filter: '>', ignoreDeletes: true, start: 'current' } as const;
    const watch = await bucket.kvflow.nats.kv.watch(soon, range);
    expect(watch.passed()).toEqual({ after: 0 });
    // All comes to it, and there is more.
    await eventually(async () => {
      expect(await watch.next(10, 50)).toEqual([]);
      expect(watch.passed()).toEqual({ after: 6 });
    });
    const slow: KvWatch = { ...watch, next: async () => [], hasMore: () => true };
    const ctx = { ...soon, deadline: Date.now() + 1_000, kv: { watch: async () => slow }, readmit: () => {} };
    const answer = await kvKeyWatch.run(range as never, ctx as never);
    expect(answer).toMatchObject({
      events: [],
      has_more: true,
      next: 6,
      next_id: expect.stringMatching(/^6-/),
    });
  });

  test('answers no change when the wait is over, and goes on without a gap', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.put('a', 'old');
    const idle = await bucket.watch({ wait_ms: 200 });
    expect(idle).toMatchObject({ events: [], next: 1, next_id: expect.stringMatching(/^1-/) });
    expect(idle.reset).toBeUndefined();
    await bucket.put('b', 'while nobody looked');
    expect((await bucket.watch({ after: idle.next })).events).toMatchObject([{ key: 'b', revision: 2 }]);
  });

  test('current begins with the latest of each key, history with all, new with nothing', async () => {
    await using bucket = await startBucket('prefs', { history: 5 });
    await bucket.put('a', '1');
    await bucket.put('b', '1');
    await bucket.put('a', '2');
    await bucket.remove('b');
    const seen = async (start: string) =>
      (await bucket.watch({ start, wait_ms: 0 })).events.map(({ key, value, operation }) => [
        key,
        value ?? operation,
      ]);
    expect(await seen('current')).toEqual([
      ['a', '2'],
      ['b', 'delete'],
    ]);
    expect(await seen('history')).toEqual([
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
      ['b', 'delete'],
    ]);
    expect(await seen('new')).toEqual([]);
  });

  test('a bucket made again is watched from its beginning', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.put('a', '1');
    await bucket.put('a', '2');
    const { next } = await bucket.watch({ start: 'history' });
    await bucket.drop();
    await bucket.create();
    await bucket.put('b', 'new');
    const { events } = await bucket.watch({ start: 'history', after: next });
    expect(events).toMatchObject([{ key: 'b', revision: 1 }]);
  });

  test('answers a bucket that is not there', async () => {
    await using k = await startKvflow();
    expect((await bucketOf(k, 'nowhere').fail('kv-key-watch', { wait_ms: 0 })).code).toBe('BUCKET_NOT_FOUND');
  });
}

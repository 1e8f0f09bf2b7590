/** A part of kv-key-watch.test.ts: what a watch hears of items that end by their own time or by the bucket's. */
import { expect, jest, test } from '@jest/globals';
import type { KvKeyWatchOutput, WatchEvent } from '../../../contract/types.gen.ts';
import { eventually } from '../../support/eventually.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { PATIENCE } from '../../support/patience.ts';
import { soon } from '../../support/soon.ts';
import { madeBucket, SECOND, startBucket } from '../kv.ts';

/** Registers them. */
export function ends(): void {
  test('tells expiry from a delete', async () => {
    await using bucket = await startBucket('prefs', { key_ttl: true });
    await bucket.put('a', 'x', { ttl: 1 * SECOND });
    await bucket.put('b', 'x');
    await bucket.remove('b');
    // A watch that comes when the value is gone already is told of its end alone.
    const seen: WatchEvent[] = [];
    for (let after = 0; seen.at(-1)?.operation !== 'expire'; ) {
      const { events, next } = await bucket.watch({ after, wait_ms: 5_000 });
      seen.push(...events);
      after = next;
    }
    expect(seen.at(-1)).toMatchObject({ key: 'a', operation: 'expire' });
    expect(seen.map(event => event.operation)).toContain('delete');
  });

  test('tells ends in a bucket with history once, also those that came while nobody watched', async () => {
    await using bucket = await startBucket('prefs', { history: 5, key_ttl: true });
    const SHORT = { ttl: 1 * SECOND };
    for (const key of ['a.1', 'b.1', 'a.2', 'a.5']) await bucket.put(key, 'old');
    // An id says up to when ends were told: this one before all of them.
    const { next_id: before } = await bucket.watch({ start: 'current', filter: 'a.*', wait_ms: 0 });
    for (const key of ['a.1', 'b.1']) await bucket.put(key, 'x', SHORT);
    const { revision } = await bucket.put('a.2', 'x', { ttl: 3600 * SECOND });
    const first = String(before).replace(/^\d+/, String(revision));
    // It is written, and ends, while nobody watches.
    await bucket.put('a.5', 'x', SHORT);
    await bucket.put('a.3', 'x');
    const follow = async (from: string, limit = 100) => {
      const seen: string[] = [];
      let after_id: string | undefined = from;
      for (let round = 0; round < 5; round++) {
        const answer: KvKeyWatchOutput = await bucket.watch({ after_id, filter: 'a.*', wait_ms: 0, limit });
        const { events, next_id, reset } = answer;
        expect(reset).toBeUndefined();
        seen.push(...events.map(({ key, operation }) => `${key} ${operation}`));
        after_id = next_id;
      }
      return seen.toSorted();
    };
    // The server takes values away later than they end: what it took away is known by the marker below.
    await eventually(async () => {
      const { messages } = await bucket.kvflow.nats.kv.storedPage(soon(), {
        bucket: 'prefs',
        startSeq: 0,
        limit: 100,
        filter: '>',
      });
      for (const key of ['a.1', 'a.5'])
        expect(messages.findLast(message => message.key === key)?.operation).toBeDefined();
    });
    const ends = ['a.1 expire', 'a.3 put', 'a.5 expire'];
    expect(await follow(first)).toEqual(ends);
    expect(await follow(first, 1)).toEqual(ends);
  });

  test('ends of the same millisecond are each told once, wherever a watch goes on between them', async () => {
    await using bucket = await startBucket('prefs', { history: 5, key_ttl: true });
    const keys = Array.from({ length: 25 }, (_, index) => `k${index}`);
    const { next_id: before } = await bucket.watch({ wait_ms: 0 });
    const items = keys.map(key => ({ key, value: 'x', ttl: SECOND }));
    const stopped = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    await bucket.kvflow.call('kv-transact', {
      bucket: 'prefs',
      operations: items.map(item => ({ op: 'put', ...item })),
    });
    stopped.mockRestore();
    const from = String(before).replace(/^\d+/, '50');
    const ends = async (after_id: string, limit: number) => {
      const told: WatchEvent[] = [];
      for (let id = after_id; told.length < keys.length; ) {
        const { events, next_id } = await bucket.watch({ after_id: id, limit, wait_ms: 2_000 });
        if (events.length === 0) break;
        told.push(...events);
        id = String(next_id);
      }
      return told;
    };
    const told = await ends(from, 10);
    expect(new Set(told.map(({ created_at }) => created_at)).size).toBe(1);
    expect(told.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
    const { events } = await bucket.watch({ after_id: String(told[6]?.id), wait_ms: 0 });
    expect(events.map(({ key }) => key)).toEqual(told.slice(7).map(({ key }) => key));
    expect((await bucket.watch({ after_id: String(told.at(-1)?.id), wait_ms: 0 })).events).toEqual([]);
  });

  test('no end is passed over in silence by a watch that was away, whatever the bucket leaves of it', async () => {
    await using k = await startKvflow();
    // So long as each is looked at before it ends, on a busy machine too.
    const SHORT = PATIENCE * SECOND;
    const [ttl, own] = [SHORT, { ttl: SHORT }];
    const cases: [name: string, options: object, item?: object][] = [
      ['ttl', { ttl }],
      ['ttl-history', { ttl, history: 3 }],
      ['ttl-markers', { ttl, marker_ttl: SECOND }],
      // A marker ends by the bucket's ttl too.
      ['ttl-markers-longer', { ttl, marker_ttl: 3_600 * SECOND }],
      ['ttl-both', { ttl: 3_600 * SECOND, key_ttl: true }, own],
      ['own', { key_ttl: true }, own],
      ['own-no-markers', { key_ttl: true, marker_ttl: null }, own],
      ['own-history', { key_ttl: true, history: 3 }, own],
    ];
    const away = cases.map(async ([name, options, item]) => {
      const bucket = await madeBucket(k, name, options);
      // One that was told is written again with the end, and so ends unseen.
      await bucket.put('again', 'x');
      await bucket.put('a', 'x', item);
      const first = await bucket.watch({ start: 'current' });
      expect([name, first.events.map(({ key }) => key)]).toEqual([name, ['again', 'a']]);
      await bucket.put('again', 'y', item);
      const isGone = async () => {
        const { items } = await bucket.list();
        const { messages } = await k.nats.kv.storedPage(soon(), {
          bucket: name,
          startSeq: 0,
          limit: 100,
          filter: '>',
        });
        expect([name, items]).toEqual([name, []]);
        if (name !== 'own-history') expect([name, messages]).toEqual([name, []]);
      };
      await eventually(isGone, { within: 20_000 });
      const second = await bucket.watch({ start: 'current', after_id: first.next_id, wait_ms: 0 });
      const ended = second.events.map(({ key, operation }) => `${key} ${operation}`).toSorted();
      if (name === 'own-history') expect(ended.filter(each => each.endsWith('expire'))).toHaveLength(2);
      else expect([name, ended, second.reset]).toEqual([name, [], 'ends_missed']);
      const third = await bucket.watch({ start: 'current', after_id: second.next_id, wait_ms: 0 });
      expect(third).toMatchObject({ events: [] });
      expect([name, third.reset]).toEqual([name, undefined]);
      const onlyNew = await bucket.watch({ start: 'new', after_id: first.next_id, wait_ms: 0 });
      expect(onlyNew.next).toBeGreaterThanOrEqual(first.next);
    });
    await Promise.all(away);
  });

  test('values that end otherwise since the bucket was changed: all is told again, once, away or not', async () => {
    await using k = await startKvflow();
    const hour = 3_600 * SECOND;
    const cases: [name: string, options: object, changes: object[]][] = [
      ['set', {}, [{ ttl: hour }]],
      ['set-and-unset', {}, [{ ttl: hour }, { ttl: 0 }]],
      ['markers', { key_ttl: true, marker_ttl: hour }, [{ ttl: hour }]],
      ['marker-ttl', { ttl: hour, marker_ttl: hour }, [{ marker_ttl: SECOND }, { marker_ttl: hour }]],
      ['history', { key_ttl: true }, [{ history: 5 }]],
      ['longer', { ttl: hour }, [{ ttl: 2 * hour }]],
    ];
    const changed = cases.map(async ([name, options, changes]) => {
      const bucket = await madeBucket(k, name, options);
      await bucket.put('a', 'x');
      const here = { bucket: name, start: 'current' as const, filter: '>' };
      const open = await k.nats.kv.watch(soon(), here);
      const first = await bucket.watch({ start: 'current' });
      expect((await open.next(10, 5_000)).map(({ key }) => key)).toEqual(['a']);
      for (const change of changes) await bucket.update(change);
      const away = await bucket.watch({ start: 'current', after_id: first.next_id });
      expect([name, away]).toMatchObject([
        name,
        { reset: 'ends_missed', events: [{ key: 'a', value: 'x' }] },
      ]);
      const next = await bucket.watch({ start: 'current', after_id: away.next_id, wait_ms: 0 });
      expect([name, next.events, next.reset]).toEqual([name, [], undefined]);
      const reset = await eventually(async () => {
        await open.next(10, 100);
        const told = open.takeReset();
        expect(told).toBeDefined();
        return told;
      });
      expect([name, reset]).toEqual([name, { reason: 'ends_missed', after: 0 }]);
      expect([name, (await open.next(10, 5_000)).map(({ key }) => key)]).toEqual([name, ['a']]);
      open.close();
      // What has nothing to do with ends is no reason.
      await bucket.update({ description: 'x', max_bytes: 1_000_000 });
      const last = await bucket.watch({ start: 'current', after_id: away.next_id, wait_ms: 0 });
      expect([name, last.events, last.reset]).toEqual([name, [], undefined]);
    });
    await Promise.all(changed);
  });

  test('nothing is missed where nothing ended meanwhile', async () => {
    await using k = await startKvflow();
    const cases = [
      { ttl: 3_600 * SECOND },
      { ttl: 3_600 * SECOND, history: 3 },
      { key_ttl: true },
      { key_ttl: true, history: 3 },
      { ttl: 3_600 * SECOND, key_ttl: true },
      {},
    ];
    for (const [index, options] of cases.entries()) {
      const bucket = await madeBucket(k, `b${index}`, options);
      await bucket.putMany(['a', 'b', 'c'].map(key => ({ key, value: 'x' })));
      let { next_id } = await bucket.watch({ start: 'current' });
      for (const [key, gone] of [
        ['a', 'b'],
        ['new', 'c'],
      ] as const) {
        await bucket.put(key, 'y');
        await bucket.remove(gone);
        const { events, reset, ...rest } = await bucket.watch({ after_id: next_id, start: 'current' });
        expect([options, reset]).toEqual([options, undefined]);
        expect([options, events.map(event => event.key)]).toEqual([options, [key, gone]]);
        next_id = rest.next_id;
      }
    }
  });

  test("ends by the bucket's ttl are told while a watch is open, and where one went on before them", async () => {
    await using bucket = await startBucket('prefs', { ttl: 2 * PATIENCE * SECOND });
    await bucket.put('old', 'x');
    const { next_id } = await bucket.watch({ start: 'current', wait_ms: 0 });
    await bucket.put('a', 'x');
    await bucket.put('gone', 'x');
    await bucket.remove('gone');
    const seen: string[] = [];
    let after_id: string | undefined = next_id;
    for (let round = 0; round < 20 && !seen.includes('a expire'); round++) {
      const answer: KvKeyWatchOutput = await bucket.watch({ after_id, start: 'current', wait_ms: 5_000 });
      expect(answer.reset).toBeUndefined();
      seen.push(...answer.events.map(({ key, operation }) => `${key} ${operation}`));
      after_id = answer.next_id;
    }
    expect(seen).toEqual(['a put', 'gone delete', 'old expire', 'a expire']);
    expect(await bucket.watch({ after_id, start: 'current', wait_ms: 0 })).toMatchObject({ events: [] });
  });
}

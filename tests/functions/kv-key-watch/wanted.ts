/** A part of kv-key-watch.test.ts: which changes are told, and what of them. */
import { expect, test } from '@jest/globals';
import { Base64KeyCodec, NoopKvCodecs } from '@nats-io/kv';
import { startWithOfficial } from '../../support/with-official.ts';
import { madeBucket, startBucket } from '../kv.ts';

/** Registers them. */
export function wanted(): void {
  test('filters keys', async () => {
    await using bucket = await startBucket('prefs');
    await bucket.putMany(['user.1', 'team.1', 'user.2', 'user.2.x'].map(key => ({ key, value: 'x' })));
    const { events } = await bucket.watch({ start: 'history', filter: 'user.*' });
    expect(events.map(event => event.key).sort()).toEqual(['user.1', 'user.2']);
    const none = await bucket.watch({ start: 'history', filter: 'none.*', wait_ms: 0 });
    expect(none.events).toEqual([]);
  });

  test('takes several filters, whatever they have in common, and names the one that is none', async () => {
    await using bucket = await startBucket('prefs');
    const keys = ['user.1', 'team.1', 'user.2', 'user.2.x', 'a.b', 'b.b', 'a.c', 'c'];
    await bucket.putMany(keys.map(key => ({ key, value: 'x' })));
    for (const [filters, wanted] of [
      [
        ['user.*', 'team.>'],
        ['user.1', 'team.1', 'user.2'],
      ],
      [
        ['user.*', 'user.>', 'user.1'],
        ['user.1', 'user.2', 'user.2.x'],
      ],
      [
        ['a.*', '*.b'],
        ['a.b', 'b.b', 'a.c'],
      ],
      [['c'], ['c']],
      [['c', '>'], keys],
      [['none'], []],
    ]) {
      for (const start of ['history', 'current']) {
        const { events } = await bucket.watch({ start, filters, wait_ms: 0 });
        expect([filters, events.map(event => event.key).sort()]).toEqual([filters, wanted?.toSorted()]);
      }
    }
    expect(await bucket.fail('kv-key-watch', { filters: ['a', 'a*'] })).toMatchObject({
      errors: [{ pointer: '/filters/1' }],
    });
    expect(await bucket.fail('kv-key-watch', { filter: 'a*' })).toMatchObject({
      errors: [{ pointer: '/filter' }],
    });
    expect(await bucket.fail('kv-key-watch', { filter: 'a', filters: ['b'] })).toMatchObject({
      errors: [{ pointer: '/filters' }],
    });
  });

  test('finds keys of a base64 bucket by filter, whichever client wrote them', async () => {
    await using k = await startWithOfficial();
    const bucket = await madeBucket(k, 'prefs', { key_encoding: 'base64' });
    const codec = { key: Base64KeyCodec(), value: NoopKvCodecs().value };
    const padded = await k.official.kvm.open('prefs', { codec });
    const plain = await k.official.kvm.open('prefs');
    await bucket.put('user 1.a', 'x');
    await padded.put('user 1.b', 'x');
    await plain.put('user.1', 'x');
    const found = async (filter: string) =>
      (await bucket.watch({ start: 'history', filter, wait_ms: 0 })).events.map(({ key }) => key);
    expect(await found('user 1.*')).toEqual(['user 1.a', 'user 1.b']);
    expect(await found('user.*')).toEqual(['user.1']);
    expect(await found('user 1.b')).toEqual(['user 1.b']);
  });

  test('leaves out values, or what ended items, where it is told to', async () => {
    await using bucket = await startBucket('prefs', { history: 5 });
    await bucket.put('a', 'x'.repeat(10));
    await bucket.put('b', 'x');
    await bucket.remove('b');
    const sizes = await bucket.watch({ start: 'history', headers_only: true });
    expect(sizes.events).toMatchObject([
      { key: 'a', operation: 'put', size: 10 },
      { key: 'b', operation: 'put', size: 1 },
      { key: 'b', operation: 'delete' },
    ]);
    for (const event of sizes.events) expect(event).not.toHaveProperty('value');
    const puts = await bucket.watch({ start: 'history', ignore_deletes: true });
    expect(puts.events.map(event => event.operation)).toEqual(['put', 'put']);
    const current = await bucket.watch({ start: 'current', ignore_deletes: true });
    expect(current.events.map(({ key }) => key)).toEqual(['a']);
    const later = bucket.watch({ ignore_deletes: true, after: 3, limit: 1 });
    await bucket.remove('a');
    await bucket.put('c', 'y');
    expect((await later).events).toMatchObject([{ key: 'c', value: 'y' }]);
  });
}

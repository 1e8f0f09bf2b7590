/** The queue of events that are done with; the store is stood in for, as only how often it is asked matters. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../../../contract/errors.ts';
import type { KvStore } from '../../../../runtime/core/ports/kv-store.ts';
import type { KvErase } from '../../../../runtime/core/ports/writes.ts';
import { createEvictions } from '../../../../runtime/recognition/amended/evictions.ts';

function store(fault: (erased: number) => boolean = () => false) {
  const erased = new Set<string>();
  let asked = 0;
  const erase = async (_: unknown, { key }: KvErase) => {
    asked += 1;
    if (fault(asked)) throw new PackError('UNAVAILABLE', 'NATS is away');
    erased.add(key);
    return true;
  };
  return { erased, kv: { erase } as unknown as KvStore };
}

const events = (count: number): KvErase[] =>
  Array.from({ length: count }, (_, at) => ({ bucket: 'anonymous_events', key: `v.e${at}`, upTo: at }));

test('evictions - a queue of 120,000 is taken out whole', async () => {
  const { erased, kv } = store();
  const evictions = createEvictions(kv);
  evictions.later(events(120_000));
  await evictions.room();
  await evictions.idle();
  expect(erased.size).toBe(120_000);
});

test('evictions - a long queue drains while calls are under way, and makes them wait where it is full', async () => {
  const { erased, kv } = store();
  const evictions = createEvictions(kv);
  const release = evictions.hold();
  evictions.later(events(120_000));
  await evictions.room();
  expect(erased.size).toBeGreaterThanOrEqual(20_000);
  release();
  await evictions.idle();
  expect(erased.size).toBe(120_000);
});

test('evictions - one that fails empties no queue', async () => {
  const { erased, kv } = store(asked => asked === 3);
  const evictions = createEvictions(kv);
  evictions.later(events(10));
  for (let waits = 0; erased.size < 10 && waits < 100; waits++)
    await new Promise(resolve => setTimeout(resolve, 50));
  expect(erased.size).toBe(10);
  await evictions.close();
});

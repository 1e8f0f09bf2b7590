/** Where Jitsu Classic loses events or users: each way of it, and that it is none here. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { TestEvent } from '../support/identify.ts';
import { event } from '../support/identify.ts';
import { joinNats, startKvflow, startWithServer } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';

const A = { id: 'u1', email: 'a@b.com' };
async function start() {
  const memory = memoryDestination();
  const recognition = {
    destinations: memoryDestinations(memory, memoryDestination('other')),
    defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
  };
  const k = await startWithServer({ recognition });
  const other = joinNats(k.joined, { recognition });
  const identify = (events: TestEvent[], by = k) => by.call('identify', { destination: 'memory', events });
  return {
    ...k,
    memory,
    other: { ...other, server: k.server },
    identify,
    [Symbol.asyncDispose]: async () => {
      await other[Symbol.asyncDispose]();
      await k[Symbol.asyncDispose]();
    },
  };
}

test('losses - no queue in memory: what one process kept while the warehouse was away, another finishes', async () => {
  await using k = await start();
  await k.identify([event('e1', 'v')]);
  k.memory.fault = warehouseAway();
  const kept = await k.identify([event('e2', 'v', A), event('e3', 'w')]);
  expect(kept).toMatchObject({ loaded: 0, pending: { events: 2, code: 'UNAVAILABLE' } });
  k.memory.fault = undefined;
  expect(await k.other.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
  expect(k.memory.row('events', 'e1')).toMatchObject({ user_id: 'u1' });
  expect(k.memory.row('events', 'e3')).toBeDefined();
});

test('losses - no queue that is full: a thousand calls are kept while the warehouse is away, and all are finished', async () => {
  await using k = await start();
  await k.identify(Array.from({ length: 1_000 }, (_, i) => event(`e${i}`, `v${i}`)));
  k.memory.fault = warehouseAway();
  const visitors = Array.from({ length: 1_000 }, (_, i) => i);
  for (let at = 0; at < 1_000; at += 50) {
    await Promise.all(visitors.slice(at, at + 50).map(i => k.identify([event(`n${i}`, `v${i}`, A)])));
  }
  k.memory.fault = undefined;
  expect(await k.recognition.reconcile(soon(60_000))).toEqual({
    finished: 1_000,
    left: 0,
  });
  const rows = k.memory.rows('events');
  expect(visitors.filter(i => rows.get(`e${i}`)?.user_id !== 'u1')).toEqual([]);
}, 90_000);

test('losses - a stored event is forgotten when it is written, not when it is about to be', async () => {
  await using k = await start();
  await k.identify([event('e1', 'v')]);
  k.memory.fault = warehouseAway();
  await k.identify([event('e2', 'v', A)]);
  await k.recognition.idle();
  expect(await k.nats.kv.keys(soon(), 'anonymous_events', 'default.memory.v.*')).toHaveLength(1);
});

test('losses - an update that hits no row stores the row', async () => {
  await using k = await start();
  await k.identify([event('e1', 'v')]);
  k.memory.clear('events');
  expect(await k.identify([event('e2', 'v', A)])).toMatchObject({ amended: 1 });
  expect(k.memory.row('events', 'e1')).toMatchObject({ event_type: 'page', user_id: 'u1' });
});

test('losses - an event and the one that names its visitor, handled at once in any order', async () => {
  await using k = await start();
  for (let i = 0; i < 50; i++) {
    await Promise.all([
      k.identify([event(`n${i}`, `v${i}`, A)], k.other),
      k.identify([event(`e${i}`, `v${i}`)]),
    ]);
    expect(k.memory.row('events', `e${i}`)).toMatchObject({ user_id: 'u1', user_email: 'a@b.com' });
  }
});

test('losses - no visitor is cached: a second login counts, and so do events between', async () => {
  await using k = await start();
  await k.identify([event('n1', 'v', A)], k.other);
  await k.identify([event('e1', 'v')]);
  await k.identify([event('n2', 'v', { id: 'u2', email: 'b@b.com' })], k.other);
  await k.identify([event('e2', 'v')]);
  expect(k.memory.row('events', 'e1')).toMatchObject({ user_id: 'u1' });
  expect(k.memory.row('events', 'e2')).toMatchObject({ user_id: 'u2' });
});

test('losses - two partial identities at the same moment add up', async () => {
  await using k = await start();
  for (let i = 0; i < 30; i++) {
    await k.identify([event(`e${i}`, `v${i}`)]);
    await Promise.all([
      k.identify([event(`i${i}`, `v${i}`, { id: 'u1' })]),
      k.identify([event(`m${i}`, `v${i}`, { email: 'a@b.com' })], k.other),
    ]);
    expect(k.memory.row('events', `e${i}`)).toMatchObject({ user_id: 'u1', user_email: 'a@b.com' });
  }
});

test('losses - an empty text names nobody', async () => {
  await using k = await start();
  await k.identify([event('e1', 'v')]);
  await k.identify([event('e2', 'v', { id: '', email: '' })]);
  await k.identify([event('e3', 'v', A)]);
  expect(k.memory.row('events', 'e1')).toMatchObject({ user_id: 'u1' });
  expect(k.memory.row('events', 'e2')).toMatchObject({ user_id: 'u1', user_email: 'a@b.com' });
});

test('losses - the reconciler goes on after errors of every kind, and one entry stops no other', async () => {
  await using k = await start();
  k.memory.fault = warehouseAway();
  await k.identify([event('e1', 'v')]);
  await k.identify([event('e2', 'w')]);
  k.memory.fault = new Error('not even one of ours') as PackError;
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 0, left: 2 });
  k.memory.fault = undefined;
  let refusals = 0;
  const load = k.memory.load;
  // The first one that comes is refused for good, again and again; the other is not.
  k.memory.load = async (call, target, events) => {
    if (events.some(({ event: { event_id } }) => event_id === 'e1')) {
      refusals += 1;
      throw new PackError('WAREHOUSE_ERROR', 'column "x" is a number');
    }
    return await load(call, target, events);
  };
  await new Promise(resolve => setTimeout(resolve, 20));
  await k.recognition.reconcile(soon());
  expect(refusals).toBe(1);
  expect(k.memory.row('events', 'e2')).toBeDefined();
  k.memory.load = load;
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
  expect(k.memory.row('events', 'e1')).toBeDefined();
});

test('losses - an identify that runs whole between the steps of an anonymous event misses nothing', async () => {
  const memory = memoryDestination();
  const destinations = memoryDestinations(memory);
  await using named = await startKvflow({ recognition: { destinations } });
  let asked = 0;
  await using k = joinNats(named.joined, {
    recognition: kv => ({
      destinations,
      kv: {
        ...kv,
        // As soon as the anonymous event's call has read that nobody knows the visitor.
        getMany: async (call, bucket, keys) => {
          const found = await kv.getMany(call, bucket, keys);
          if (++asked === 1)
            await named.call('identify', { destination: 'memory', event: event('named', 'v', A) });
          return found;
        },
      },
    }),
  });
  await k.call('identify', { destination: 'memory', event: event('e1', 'v') });
  expect(memory.row('events', 'e1')).toMatchObject({ user_id: 'u1', user_email: 'a@b.com' });
});

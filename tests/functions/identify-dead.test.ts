/** Nothing is dropped: what cannot be stored is kept with its reason, replayed after a repair, or given up by hand. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { createDeadEnding } from '../../runtime/recognition/dead-letters/letters.ts';
import type { Parts } from '../../runtime/recognition/job.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { event, startIdentifying } from '../support/identify.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';

interface Letters {
  letters: { key: string; code: string; column?: string; event: { event_id: string }; expires_at?: string }[];
  cursor?: string;
}

async function start(step?: Parts['step']) {
  const memory = memoryDestination();
  const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
  const k = await startKvflow({ recognition: { destinations: memoryDestinations(memory), defaults, step } });
  const identify = (...events: object[]) => k.call('identify', { destination: 'memory', events });
  const dead = async (input: object = {}) =>
    (await k.call('identify-dead-list', input)) as unknown as Letters;
  const ids = async (input?: object) => (await dead(input)).letters.map(letter => letter.event.event_id);
  memory.refuse = ({ n }) =>
    typeof n === 'string'
      ? new PackError('WAREHOUSE_ERROR', 'column n takes numbers', { details: { column: 'n' } })
      : undefined;
  return { ...k, memory, identify, dead, ids };
}

test('dead letters - an event that was taken over and then does not fit is kept, the others are stored', async () => {
  await using k = await start();
  k.memory.fault = warehouseAway();
  const events = [event('m1', 'v'), { ...event('m2', 'v'), n: 'text' }, event('m3', 'v')];
  expect(await k.identify(...events)).toMatchObject({ pending: { events: 3 } });
  k.memory.fault = undefined;
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
  expect([...k.memory.rows('events').keys()]).toEqual(['m1', 'm3']);
  const { letters } = await k.dead();
  expect(letters).toMatchObject([
    {
      code: 'WAREHOUSE_ERROR',
      column: 'n',
      event: { event_id: 'm2', n: 'text' },
      table: 'events',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      // The call that took it over, by its entry.
      by: expect.stringMatching(/./),
    },
  ]);
  expect(Date.parse(letters[0]?.expires_at ?? '')).toBeGreaterThan(Date.now() + 6 * 86_400_000);
});

test('dead letters - one refused at once is kept too, once however often it is sent, and those without a key', async () => {
  await using k = await start();
  const refused = { ...event('m2', 'v'), n: 'text' };
  expect(await k.identify(event('m1', 'v'), refused)).toMatchObject({ loaded: 1, failed: [{ index: 1 }] });
  await k.identify(refused);
  await k.identify({ user: { anonymous_id: 'v' } });
  const { letters } = await k.dead();
  expect(letters.map(({ code }) => code).sort()).toEqual(['INVALID_INPUT', 'WAREHOUSE_ERROR']);
  expect(await k.ids({ code: 'WAREHOUSE_ERROR' })).toEqual(['m2']);
  expect(await k.ids({ namespace: 'other' })).toEqual([]);
});

test('dead letters - one that is refused is told once, not again by whoever names its visitor', async () => {
  let held: Promise<void> | undefined;
  const began = Promise.withResolvers<void>();
  await using k = await start(async () => {
    began.resolve();
    await held;
  });
  // What is done with waits for its end.
  const end = Promise.withResolvers<void>();
  held = end.promise;
  const other = k.identify(event('other', 'other'));
  await began.promise;
  held = undefined;
  const events = [event('m1', 'v'), { ...event('m2', 'v'), n: 'text' }, event('m3', 'v', { id: 'u1' })];
  expect(await k.identify(...events)).toMatchObject({ loaded: 2, amended: 1, failed: [{ index: 1 }] });
  expect(await k.identify(event('m4', 'v', { email: 'a@b.com' }))).toMatchObject({ amended: 3, failed: [] });
  end.resolve();
  await other;
  expect(await k.ids()).toEqual(['m2']);
});

test('dead letters - the row of an event that is refused when it is sent again gets its user all the same', async () => {
  await using k = await startIdentifying({
    type: 'sqlite',
    url: ':memory:',
    table: 'events',
    primaryKeyFields: ['event_id'],
  });
  const named = { ...event('m3', 'v', { id: 'u', email: 'u@x' }), n: 3 };
  const long = 'm'.repeat(300);
  await k.identify([
    { ...event('m1', 'v'), n: 1 },
    { ...event('m2', 'v', { email: 'u@x' }), n: 2 },
    { ...event(long, 'v'), n: 5 },
  ]);
  const again = [
    { ...event('m1', 'v'), n: 1, __sql_type_n: '?' },
    { ...event('m2', 'v', { email: 'u@x' }), n: 2, __sql_type_n: '?' },
    { ...event('m4', 'v'), n: 4, __sql_type_n: '?' },
    { ...event(long, 'v'), n: 5, __sql_type_n: '?' },
  ];
  expect((await k.identify(again)).failed).toHaveLength(4);
  expect(await k.identify([named])).toMatchObject({ amended: 3, failed: [] });
  const whose = { m1: 'u/u@x', m2: 'u/u@x', m3: 'u/u@x', m4: undefined, [long]: 'u/u@x' };
  expect(await k.identities(Object.keys(whose))).toEqual(whose);
});

test('dead letters - after a repair they are replayed: stored, recognized, and gone', async () => {
  await using k = await start();
  await k.identify({ ...event('m1', 'v'), n: 'a' }, { ...event('m2', 'v'), n: 'b' });
  await k.identify(event('m3', 'v', { id: 'u1', email: 'a@b.com' }));
  expect(await k.call('identify-dead-replay', {})).toMatchObject({ stored: 0, failed: 2, pending: 0 });
  expect(await k.ids()).toEqual(['m1', 'm2']);
  k.memory.refuse = () => undefined;
  const [first] = (await k.dead({ limit: 1 })).letters;
  expect(await k.call('identify-dead-replay', { key: first?.key ?? '' })).toMatchObject({ stored: 1 });
  expect(await k.call('identify-dead-replay', { code: 'WAREHOUSE_ERROR' })).toMatchObject({ stored: 1 });
  expect(k.memory.row('events', 'm1')).toMatchObject({ user_id: 'u1', n: 'a' });
  expect(k.memory.row('events', 'm2')).toMatchObject({ user_id: 'u1', n: 'b' });
  expect(await k.ids()).toEqual([]);
});

test('dead letters - they are listed by pages, and dropped by hand', async () => {
  await using k = await start();
  await k.identify(...['a', 'b', 'c'].map(id => ({ ...event(id, 'v'), n: 'x' })));
  expect(await k.recognition.dead(soon())).toEqual(new Map([['memory', 3]]));
  const first = await k.dead({ limit: 2 });
  expect(first.letters).toHaveLength(2);
  expect(await k.ids({ limit: 2, cursor: first.cursor })).toEqual(['c']);
  const one = { key: first.letters[0]?.key ?? '' };
  expect(await k.call('identify-dead-drop', one)).toEqual({ dropped: 1, more: false });
  await expect(k.call('identify-dead-drop', one)).rejects.toThrow('KEY_NOT_FOUND');
  expect(await k.call('identify-dead-drop', { destination: 'memory' })).toEqual({ dropped: 2, more: false });
});

test('dead letters - of all namespaces those are listed, replayed and dropped that the key may use', async () => {
  await using k = await start();
  const send = (namespace: string, id: string) =>
    k.call('identify', { destination: 'memory', namespace, event: { ...event(id, 'v'), n: 'x' } });
  await send('shop', 's1');
  await send('web', 'w1');
  await send('default', 'd1');
  const all = { all_namespaces: true };
  const principal = { ...EVERYTHING, name: 'limited', namespaces: ['shop', 'web'] };
  const shown = async (more: object = {}) => {
    const { letters } = await k.call('identify-dead-list', all, more);
    return (letters as unknown as { namespace: string }[]).map(({ namespace }) => namespace).sort();
  };
  expect(await shown()).toEqual(['default', 'shop', 'web']);
  expect(await shown({ principal })).toEqual(['shop', 'web']);
  expect(await shown({ principal: { ...EVERYTHING, destinations: ['other'] } })).toEqual([]);
  const ofDefault = { ...all, key: (await k.dead()).letters[0]?.key };
  expect((await k.fail('identify-dead-drop', ofDefault, { principal })).code).toBe('KEY_NOT_FOUND');
  expect(await k.call('identify-dead-drop', { namespace: 'web' }, { principal })).toMatchObject({
    dropped: 1,
  });
  k.memory.refuse = () => undefined;
  expect(await k.call('identify-dead-replay', all, { principal })).toMatchObject({ stored: 1 });
  expect(await shown()).toEqual(['default']);
  expect(await k.call('identify-dead-drop', all)).toMatchObject({ dropped: 1 });
  const both = await k.fail('identify-dead-list', { ...all, namespace: 'shop' });
  expect(both.errors?.[0]?.pointer).toBe('/all_namespaces');
});

test('dead letters - what cannot be read among them is named, and costs only itself', async () => {
  await using k = await start();
  await k.identify({ ...event('a', 'v'), n: 'x' }, { ...event('b', 'v'), n: 'x' });
  const [letter] = (await k.dead()).letters;
  const place = letter?.key.split('.').slice(0, -1).join('.');
  const unreadable = ['x', 'y'].map(name => `${place}.${name}`);
  for (const [at, key] of unreadable.entries())
    await k.call('kv-key-put', {
      bucket: 'recognition_dead',
      key,
      value: ['no JSON', '{"v":1,"event":{}}'][at],
    });
  expect(await k.dead()).toMatchObject({ letters: [{}, {}], unreadable });
  k.memory.refuse = () => undefined;
  expect(await k.call('identify-dead-replay', {})).toMatchObject({ stored: 2, failed: 0, unreadable });
  expect(await k.call('identify-forget', { anonymous_id: 'v', destination: 'memory' })).toMatchObject({});
  expect(await k.call('identify-dead-drop', { code: 'X' })).toMatchObject({ dropped: 0 });
  expect(await k.call('identify-dead-drop', {})).toMatchObject({ dropped: 2 });
  expect(await k.dead()).toEqual({ letters: [] });
});

test('dead letters - they are told in the log before they end with their window, once an hour', async () => {
  await using k = await start();
  const refused = (event_id: string) => ({ ...event(event_id, 'v'), n: 'text' });
  const send = (lookback_minutes: number, ...events: object[]) =>
    k.call('identify', { destination: 'memory', events, lookback_minutes });
  await send(60, refused('soon1'), refused('soon2'));
  await send(10_080, refused('later'));
  const told: string[] = [];
  const log = { info: () => undefined, warn: (message: string) => void told.push(message) };
  let now = Date.now();
  const tell = createDeadEnding(k.nats.kv, log, () => now);
  await tell(soon());
  expect(told).toEqual([
    expect.stringMatching(/2 dead letters of memory end within a day, the first at 20.*Z: /),
  ]);
  await tell(soon());
  expect(told).toHaveLength(1);
  now += 6.5 * 86_400_000;
  await tell(soon());
  expect(told[1]).toMatch(/3 dead letters of memory/);
});

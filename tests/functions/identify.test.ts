/** What identify does beside its principles: without a destination, with odd events, and with many. */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseExact, stringifyExact } from '../../contract/exact-json.ts';
import { event } from '../support/identify.ts';
import type { Answer } from '../support/identify-memory.ts';
import { flow, ids, key, withMemory } from '../support/identify-memory.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';

test('without a destination - recognized events are answered once, and again only to the same call', async () => {
  await using k = await flow();
  await k.identify([event('e1', 'v'), event('e2', 'v')]);
  const named = event('e3', 'v', { id: 'u', email: 'a@b.com' });
  const first = await k.identify([named]);
  expect(first).toMatchObject({ loaded: 0, amended: 0, recognized: 2 });
  expect(first.events).toEqual([
    named,
    { ...event('e1', 'v', { id: 'u', email: 'a@b.com' }), __recognized: true },
    { ...event('e2', 'v', { id: 'u', email: 'a@b.com' }), __recognized: true },
  ]);
  // Its answer was lost.
  expect((await k.identify([named])).events).toEqual(first.events);
  expect(ids(await k.identify([event('e4', 'v', { id: 'u', email: 'a@b.com' })]))).toEqual(['e4']);
  expect((await k.identify([event('e5', 'v')])).events).toEqual([
    event('e5', 'v', { id: 'u', email: 'a@b.com' }),
  ]);
});

test('without a destination - partial identities are answered again as they add up, contradicting ones are not', async () => {
  await using k = await flow();
  await k.identify([event('e1', 'v')]);
  expect(ids(await k.identify([event('e2', 'v', { id: 'u' })]))).toEqual(['e2', 'e1']);
  const more = await k.identify([event('e3', 'v', { email: 'a@b.com' })]);
  expect(more.events[1]).toEqual({ ...event('e1', 'v', { id: 'u', email: 'a@b.com' }), __recognized: true });
  expect(ids(await k.identify([event('e4', 'v', { id: 'other' })]))).toEqual(['e4']);
});

test('without a destination - of two processes that are told at once who a visitor is, one answers each event', async () => {
  await using k = await flow();
  await using other = joinNats(k.joined);
  for (let round = 0; round < 10; round++) {
    const v = `v${round}`;
    await k.identify(Array.from({ length: 20 }, (_, i) => event(`${v}-${i}`, v)));
    const named = { id: 'u', email: 'e' };
    const answers = await Promise.all([
      k.identify([event(`${v}-a`, v, named)]),
      other.call('identify', { event: event(`${v}-b`, v, named), ...key }) as unknown as Promise<Answer>,
    ]);
    const recognized = answers.flatMap(({ events }) => events.filter(each => each.__recognized));
    expect(recognized.map(each => each.event_id).sort()).toEqual(
      Array.from({ length: 20 }, (_, i) => `${v}-${i}`).sort(),
    );
  }
});

test('without a destination - recognized events come back with every digit, however often', async () => {
  await using k = await startKvflow();
  const send = async (text: string) =>
    stringifyExact(await k.call('identify', parseExact(`{"event":${text}}`) as object));
  const order = '"order":9007199254740993,"price":1.0';
  await send(`{"event_id":"1",${order},"user":{"anonymous_id":"v"}}`);
  const login = '{"event_id":"2","user":{"anonymous_id":"v","id":"u"}}';
  const recognized = `{"event_id":"1",${order},"user":{"anonymous_id":"v","id":"u"},"__recognized":true}`;
  expect(await send(login)).toContain(recognized);
  expect(await send(login)).toContain(recognized);
  expect(await send(`{"event_id":"3",${order},"user":{"anonymous_id":"v"}}`)).toContain(
    `{"event_id":"3",${order},"user":{"anonymous_id":"v","id":"u"}}`,
  );
});

test('identify - keys named __proto__ are data: nothing is polluted and nothing is lost', async () => {
  await using k = await flow();
  const hostile = JSON.parse(
    '{"event_id":"e1","__proto__":{"polluted":1},"user":{"anonymous_id":"v","__proto__":{"id":"evil","email":"evil"}},"constructor":{"prototype":{"polluted":1}}}',
  );
  await k.identify([hostile]);
  const named = await k.identify([event('e2', 'v', { id: 'u', email: 'e' })]);
  expect(JSON.stringify(named.events[1])).toBe(
    '{"event_id":"e1","__proto__":{"polluted":1},"user":{"anonymous_id":"v","__proto__":{"id":"evil","email":"evil"},"id":"u","email":"e"},"constructor":{"prototype":{"polluted":1}},"__recognized":true}',
  );
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  const inherited = await k.identify([event('e3', 'w')], {
    identification_nodes: ['/__proto__/x', '/constructor/name'],
  });
  expect(inherited).toMatchObject({ remembered: 1, recognized: 0 });
});

test('identify - nodes that meet text or arrays find nothing, and alternatives are looked at in order', async () => {
  await using k = await flow();
  const nodes = {
    identification_nodes: ['/ctx/user/id||/user/id'],
    anonymous_id_node: '/ids/a||/user/anonymous_id',
  };
  const odd = { event_id: 'e1', user: { anonymous_id: 'v', id: ['x'] }, ctx: 'text', ids: ['a'] };
  expect(await k.identify([odd], nodes)).toMatchObject({ remembered: 1 });
  expect(await k.identify([{ event_id: 'e0', user: [{ anonymous_id: 'v' }] }], nodes)).toMatchObject({
    skipped: { no_anonymous_id: 1 },
  });
  const deep = { event_id: 'e2', user: { anonymous_id: 'v' }, ctx: { user: {} } };
  await k.identify([deep], nodes);
  const named = await k.identify([{ event_id: 'e3', ids: { a: 'v' }, user: { id: 7 } }], nodes);
  // Where there is a parent for it, the identity is put there; text is never replaced.
  expect(named.events.slice(1)).toEqual([
    { ...odd, user: { anonymous_id: 'v', id: 7 }, __recognized: true },
    { ...deep, ctx: { user: { id: 7 } }, __recognized: true },
  ]);
});

test('identify - an event the warehouse refuses fails alone, and is forgotten', async () => {
  await using k = await withMemory();
  const { PackError } = await import('../../contract/errors.ts');
  k.memory.refuse = ({ bad }) =>
    bad
      ? new PackError('WAREHOUSE_ERROR', 'column "n" is a number', { details: { column: 'n' } })
      : undefined;
  const answer = await k.identify([event('e1', 'v'), { ...event('e2', 'v'), bad: true }]);
  expect(answer).toMatchObject({
    loaded: 1,
    failed: [{ index: 1, code: 'WAREHOUSE_ERROR', details: { column: 'n' } }],
  });
  await k.recognition.idle();
  expect(await k.identify([event('e3', 'v', { id: 'u', email: 'e' })])).toMatchObject({
    amended: 1,
    failed: [],
  });
});

test('identify - what is wrong with the table fails the call and leaves nothing behind', async () => {
  await using k = await withMemory();
  const { PackError } = await import('../../contract/errors.ts');
  k.memory.fault = new PackError('WAREHOUSE_ERROR', 'no permission');
  const error = await k.fail('identify', { destination: 'memory', event: event('e1', 'v') });
  expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR', status_code: 502 });
  expect(await k.recognition.pending(soon())).toEqual(new Map());
});

test('identify - an anonymous id shared by 50,000 events is amended page by page, with an answer that stays small', async () => {
  await using k = await withMemory();
  for (let call = 0; call < 50; call++) {
    await k.identify(Array.from({ length: 1_000 }, (_, i) => event(`e${call}-${i}`, 'shared')));
  }
  const before = k.memory.requests.amend;
  const answer = await k.identify([event('named', 'shared', { id: 'u', email: 'e' })]);
  expect(answer).toMatchObject({ recognized: 50_000, amended: 50_000, events_left_out: 49_000 });
  expect(answer.events).toHaveLength(1_001);
  expect(k.memory.requests.amend - before).toBe(50);
  const rows = [...k.memory.rows('events').values()];
  expect(rows.filter(row => row.user_id !== 'u')).toEqual([]);
  // Nothing is looked at twice.
  await k.identify([event('named', 'shared', { id: 'u', email: 'e' })]);
  expect(k.memory.requests.amend - before).toBe(50);
}, 60_000);

test('identify - include_events: false answers counts, and reads no event for the answer', async () => {
  await using k = await withMemory();
  await k.identify([event('e1', 'v'), event('e2', 'v')]);
  const named = event('named', 'v', { id: 'u', email: 'e' });
  const answer = await k.identify([named], { include_events: false });
  expect(answer).toMatchObject({ loaded: 1, recognized: 2, amended: 2, events: [] });
  expect(answer).not.toHaveProperty('events_left_out');
  const rows = [...k.memory.rows('events').values()];
  expect(rows.map(row => row.user_id)).toEqual(['u', 'u', 'u']);
  const error = await k.fail('identify', { event: named, include_events: false });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/include_events' }] });
});

test('identify - large events are kept compressed, and one that does not fit then fails alone', async () => {
  await using k = await withMemory();
  const compressible = { ...event('e1', 'v'), text: 'long '.repeat(400_000) };
  const noise = randomBytes(1_500_000).toString('base64');
  const answer = await k.identify([compressible, { ...event('e2', 'v'), noise }, event('e3', 'v')]);
  expect(answer).toMatchObject({ loaded: 2, remembered: 2, failed: [{ index: 1, code: 'VALUE_TOO_LARGE' }] });
  expect(await k.identify([event('e4', 'v', { id: 'u', email: 'e' })])).toMatchObject({ amended: 2 });
});

test('identify - what it needs is asked for: event or events, a table, a primary key, a destination that is there', async () => {
  const memory = { ...memoryDestination(), table: undefined, primaryKeyFields: undefined };
  await using k = await startKvflow({ recognition: { destinations: memoryDestinations(memory) } });
  for (const [input, pointer] of [
    [{}, '/event'],
    [{ event: {}, events: [{}] }, '/events'],
    [{ event: {}, destination: 'memory' }, '/table'],
    [{ event: {}, destination: 'memory', table: 't' }, '/primary_key_fields'],
  ] as const) {
    const error = await k.fail('identify', input);
    expect([error.code, error.errors?.[0]?.pointer]).toEqual(['INVALID_INPUT', pointer]);
    expect(error.message).toContain(pointer.slice(1));
  }
  expect((await k.fail('identify', { event: {}, destination: 'none' })).code).toBe('DESTINATION_NOT_FOUND');
});

test('identify - an API key needs the bucket of the events, and another one cannot be undone with it', async () => {
  await using k = await withMemory();
  const principal = { name: 'p', functions: ['*'], buckets: ['mine-*'], readOnly: false };
  const call = { destination: 'memory', bucket: 'mine-events' };
  const refused = await k.fail('identify', { event: event('e', 'v'), destination: 'memory' }, { principal });
  expect(refused.code).toBe('FORBIDDEN');
  await k.identify([event('e1', 'v')]);
  await k.identify([event('e2', 'v', { id: 'u', email: 'e' })]);
  await k.call('identify', { event: event('e3', 'v'), ...call }, { principal });
  const undone = await k.call('identify-undo', { anonymous_id: 'v', bucket: 'mine-events' }, { principal });
  expect(undone).toMatchObject({ restored: 0 });
  expect(k.memory.row('events', 'e1')).toMatchObject({ user_id: 'u' });
});

test('identify - a bucket that cannot hold its state is refused with what it needs', async () => {
  await using k = await flow();
  await k.call('kv-bucket-create', { bucket: 'plain', history: 5 });
  const error = await k.fail('identify', { event: event('e', 'v'), bucket: 'plain' });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/bucket' }] });
});

test('identify - events are forgotten after the window, and namespaces and destinations are kept apart', async () => {
  await using k = await withMemory();
  await k.identify([event('e1', 'v')], { namespace: 'a.b' });
  expect(await k.identify([event('e2', 'v', { id: 'u' })], { namespace: 'a' })).toMatchObject({
    recognized: 0,
  });
  await k.call('identify', { event: event('e3', 'v', { id: 'u' }), namespace: 'a.b' });
  expect(k.memory.row('events', 'e1')?.user_id).toBeUndefined();
  const found = await k.nats.kv.get(soon(), { bucket: 'anonymous_events', key: 'a=2Eb.memory.v.events/e1' });
  const days = (Date.parse((found as { expiresAt: string }).expiresAt) - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(7, 2);
});

test('identify - a bucket deleted under way is made again', async () => {
  await using k = await flow();
  await k.identify([event('e1', 'v')]);
  await k.call('kv-bucket-delete', { bucket: 'anonymous_events', confirm: 'anonymous_events' });
  expect(await k.identify([event('e2', 'v')])).toMatchObject({ remembered: 1 });
});

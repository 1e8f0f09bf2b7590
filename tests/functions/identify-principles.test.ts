/** The eight points of what identify must hold, on a real PostgreSQL. */
import { expect, test } from '@jest/globals';
import { decodeAudit } from '../../runtime/recognition/audit.ts';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import { forAll } from '../support/for-all.ts';
import { event, joinIdentifying, postgresAt, startIdentifying } from '../support/identify.ts';
import { soon } from '../support/soon.ts';
import { startPostgres } from '../support/warehouses/postgres.ts';

let databases = 0;
const postgres = forAll(() => startPostgres(), 60_000);

const A = { id: 'u1', email: 'a@b.com' };

/** A database of the test's own. */
async function database(): Promise<{ name: string; warehouse: DestinationSettings }> {
  const name = `principle_${++databases}`;
  return { name, warehouse: postgresAt(await postgres.database(name)) };
}

test('identify - the example of the document: event1 and event2 are amended right after event3', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  const email = 'a@b.com';
  await k.identify([event('event1', '1')]);
  await k.identify([event('event2', '1')]);
  expect(await k.identities(['event1', 'event2'])).toEqual({ event1: '-/-', event2: '-/-' });
  const answer = await k.identify([event('event3', '1', { email })]);
  expect(answer).toMatchObject({ loaded: 1, remembered: 0, recognized: 2, amended: 2 });
  expect(answer.events.map(({ event_id, __recognized }) => [event_id, __recognized])).toEqual([
    ['event3', undefined],
    ['event1', true],
    ['event2', true],
  ]);
  await k.identify([event('event4', '1', { email })]);
  const all = { event1: '-/a@b.com', event2: '-/a@b.com', event3: '-/a@b.com', event4: '-/a@b.com' };
  expect(await k.identities(Object.keys(all))).toEqual(all);
});

test('1 nothing is lost - an anonymous event leaves the bucket only after the warehouse confirmed its row', async () => {
  const { warehouse } = await database();
  const atAmend: number[] = [];
  await using k = await startIdentifying(warehouse, {
    step: async step => {
      const keys = await k.nats.kv.keys(soon(), 'anonymous_events', 'default.warehouse.v.*');
      if (step === 'list' || step === 'amend') atAmend.push(keys.length);
    },
  });
  await k.identify([event('e1', 'v'), event('e2', 'v')]);
  await k.identify([event('e3', 'v', A)]);
  expect(atAmend).toEqual([2, 2]);
  await k.recognition.idle();
  expect(await k.nats.kv.keys(soon(), 'anonymous_events', 'default.warehouse.v.*')).toEqual([]);
  expect(await k.nats.kv.keys(soon(), 'recognition_pending', '>')).toEqual([]);
  expect(await k.identities(['e1', 'e2'])).toEqual({ e1: 'u1/a@b.com', e2: 'u1/a@b.com' });
});

test('2 order does not matter - an anonymous event that arrives late is amended on arrival', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  await k.identify([event('e2', 'v', A)]);
  const late = await k.identify([event('e1', 'v')]);
  expect(late).toMatchObject({ remembered: 1, recognized: 1, amended: 1 });
  expect(late.events).toEqual([event('e1', 'v', A)]);
  expect(await k.identities(['e1'])).toEqual({ e1: 'u1/a@b.com' });
});

test('2 order does not matter - 40 rounds of identify and anonymous event at the same moment in two processes', async () => {
  const { warehouse } = await database();
  await using k = await startIdentifying(warehouse);
  await using other = joinIdentifying([k.server.url], warehouse);
  const rounds = Array.from({ length: 40 }, (_, i) => i);
  for (const i of rounds) {
    await Promise.all([
      k.identify([event(`named${i}`, `v${i}`, A)]),
      other.identify([event(`late${i}`, `v${i}`), event(`late${i}b`, `v${i}`)]),
    ]);
  }
  const ids = rounds.flatMap(i => [`late${i}`, `late${i}b`]);
  expect(await k.identities(ids)).toEqual(Object.fromEntries(ids.map(id => [id, 'u1/a@b.com'])));
});

test('3 partial identities add up - {id} now and {email} later amend both columns', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  await k.identify([event('e1', 'v')]);
  await k.identify([event('e2', 'v', { id: 'u1' })]);
  expect(await k.identities(['e1'])).toEqual({ e1: 'u1/-' });
  await k.identify([event('e3', 'v', { email: 'a@b.com' })]);
  expect(await k.identities(['e1'])).toEqual({ e1: 'u1/a@b.com' });
});

test.each([
  null,
  '',
  ' ',
  'null',
  'undefined',
  'Anonymous',
  'none',
  -1,
  '-1',
  0,
  '0',
  '00000000-0000-0000-0000-000000000000',
  '-0',
  '0.0',
])('3 partial identities add up - %j counts as no identity', async nobody => {
  await using k = await startIdentifying((await database()).warehouse);
  await k.identify([event('e1', 'v')]);
  const answer = await k.identify([{ ...event('e2', 'v'), user: { anonymous_id: 'v', email: nobody } }]);
  expect(answer).toMatchObject({ remembered: 1, recognized: 0 });
  const custom = await k.identify([event('e3', 'v', { id: 'guest' })], { no_identity_values: ['GUEST'] });
  expect(custom).toMatchObject({ remembered: 1, recognized: 0 });
});

test('4 constant round trips - amending 1,000 events takes as many statements as amending one', async () => {
  const { name, warehouse } = await database();
  await using k = await startIdentifying(warehouse);
  const statements = async (work: () => Promise<unknown>) => {
    const before = await postgres.statements(name);
    await work();
    return (await postgres.statements(name)) - before;
  };
  await k.identify([event('warm', 'w'), event('up', 'w', A)]);
  const many = Array.from({ length: 1_000 }, (_, i) => event(`m${i}`, `v${i % 50}`));
  await k.identify([event('one', 'o')]);
  const one = await statements(() => k.identify([event('names-one', 'o', A)]));
  await k.identify(many);
  const named = Array.from({ length: 50 }, (_, i) => event(`names${i}`, `v${i}`, A));
  const thousand = await statements(() => k.identify(named));
  expect(thousand).toBe(one);
  const ids = many.map(({ event_id }) => event_id);
  expect(new Set(Object.values(await k.identities(ids)))).toEqual(new Set(['u1/a@b.com']));
});

test('5 rows are matched by primary key - one that is not there yet is stored whole', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  const seen = { ...event('e1', 'v'), url: '/a', count: 3 };
  await k.identify([event('made', 'x')]);
  await k.identify([seen], { load: false });
  expect(await k.row('e1')).toBeUndefined();
  expect(await k.identify([event('e2', 'v', A)])).toMatchObject({ amended: 1 });
  expect(await k.row('e1')).toMatchObject({
    event_id: 'e1',
    url: '/a',
    user_id: 'u1',
    user_email: 'a@b.com',
  });
  expect(String((await k.row('e1'))?.count)).toBe('3');
});

test('5 rows are matched by primary key - an event without one fails alone', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  const answer = await k.identify([event('e1', 'v'), { user: { anonymous_id: 'v' } } as never]);
  expect(answer).toMatchObject({ loaded: 1, failed: [{ index: 1, code: 'INVALID_INPUT' }] });
  expect(answer.failed[0]?.message).toContain('event_id');
});

test("6 shared devices - a second user does not overwrite the first one's rows", async () => {
  await using k = await startIdentifying((await database()).warehouse);
  const B = { id: 'u2', email: 'b@b.com' };
  await k.identify([event('e1', 'tablet')]);
  await k.identify([event('e2', 'tablet', A)]);
  await k.identify([event('e3', 'tablet')]);
  await k.identify([event('e4', 'tablet', B)]);
  await k.identify([event('e5', 'tablet')]);
  // Sent once more, by a client that did not hear the answer.
  await k.identify([event('e1', 'tablet')]);
  expect(await k.identities(['e1', 'e2', 'e3', 'e4', 'e5'])).toEqual({
    e1: 'u1/a@b.com',
    e2: 'u1/a@b.com',
    e3: 'u1/a@b.com',
    e4: 'u2/b@b.com',
    e5: 'u2/b@b.com',
  });
});

test('6 shared devices - the same in one call', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  const answer = await k.identify([
    event('e1', 'tablet'),
    event('e2', 'tablet', { id: 'u1' }),
    event('e3', 'tablet'),
    event('e4', 'tablet', { id: 'u2' }),
    event('e5', 'tablet'),
  ]);
  expect(answer.events.map(each => (each.user as { id?: string }).id)).toEqual([
    'u1',
    'u1',
    'u1',
    'u2',
    'u2',
  ]);
  expect(await k.identities(['e1', 'e3', 'e5'])).toEqual({ e1: 'u1/-', e3: 'u1/-', e5: 'u2/-' });
});

test('6 shared devices - overwrite and skip do as they say', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  for (const conflict of ['overwrite', 'skip'] as const) {
    await k.identify([event(`${conflict}1`, conflict)]);
    await k.identify([event(`${conflict}2`, conflict, { id: 'u1' })]);
    await k.identify([event(`${conflict}3`, conflict, { id: 'u2', email: 'b@b.com' })], { conflict });
  }
  expect(await k.identities(['overwrite1', 'skip1'])).toEqual({ overwrite1: 'u2/b@b.com', skip1: 'u1/-' });
});

test('6 shared devices - under overwrite even a whole identity gives way to a later one', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  await k.identify([event('e1', 'tablet')]);
  await k.identify([event('e2', 'tablet', A)], { conflict: 'overwrite' });
  await k.identify([event('e3', 'tablet')], { conflict: 'overwrite' });
  await k.identify([event('e4', 'tablet', { id: 'u2', email: 'b@b.com' })], { conflict: 'overwrite' });
  expect(await k.identities(['e1', 'e2', 'e3'])).toEqual({
    e1: 'u2/b@b.com',
    e2: 'u1/a@b.com',
    e3: 'u2/b@b.com',
  });
  expect(await k.call('identify-undo', { anonymous_id: 'tablet' })).toMatchObject({ restored: 2 });
  expect(await k.identities(['e1', 'e3'])).toEqual({ e1: '-/-', e3: '-/-' });
});

test('7 every amendment is audited, and undone', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  await k.identify([event('e1', 'v')]);
  await k.identify([event('e2', 'v', { id: 'u1' })]);
  await k.identify([event('e3', 'v', { email: 'a@b.com' })]);
  await k.identify([event('late', 'v')]);
  const filter = 'anonymous_events.default.warehouse.v.*.*';
  const keys = await k.nats.kv.keys(soon(), 'recognition_audit', filter);
  const found = await k.nats.kv.getMany(soon(), 'recognition_audit', keys);
  const entries = found.map(entry =>
    decodeAudit(JSON.parse(new TextDecoder().decode((entry as { value: Uint8Array }).value))),
  );
  const changes = entries.flatMap(({ by, rows }) => rows.map(row => ({ by, ...row })));
  expect(changes).toHaveLength(5);
  expect(changes).toEqual(
    expect.arrayContaining([
      {
        by: 'events/e2',
        table: 'events',
        key: { event_id: 'e1' },
        old: { user_id: null },
        new: { user_id: 'u1' },
      },
      {
        by: 'events/e3',
        table: 'events',
        key: { event_id: 'e1' },
        old: { user_email: null },
        new: { user_email: 'a@b.com' },
      },
      {
        by: 'events/e3',
        table: 'events',
        key: { event_id: 'e2' },
        old: { user_email: null },
        new: { user_email: 'a@b.com' },
      },
    ]),
  );
  expect(entries.every(({ at }) => Math.abs(Date.parse(at) - Date.now()) < 60_000)).toBe(true);
  const undone = await k.call('identify-undo', { anonymous_id: 'v' });
  expect(undone).toEqual({ restored: 4, unchanged: 0, forgotten: 1 });
  expect(await k.identities(['e1', 'e2', 'e3', 'late'])).toEqual({
    e1: '-/-',
    e2: 'u1/-',
    e3: '-/a@b.com',
    late: '-/-',
  });
  // Nothing is left to be undone.
  const again = { restored: 0, unchanged: 0, forgotten: 0 };
  expect(await k.call('identify-undo', { anonymous_id: 'v' })).toEqual(again);
  // Later events are anonymous again, and a new identity may come.
  await k.identify([event('e4', 'v')]);
  expect(await k.identities(['e4'])).toEqual({ e4: '-/-' });
  await k.identify([event('e5', 'v', { id: 'u9', email: 'n@b.com' })]);
  expect(await k.identities(['e4'])).toEqual({ e4: 'u9/n@b.com' });
  expect(await k.call('identify-undo', { anonymous_id: 'nobody' })).toEqual({
    restored: 0,
    unchanged: 0,
    forgotten: 0,
  });
});

test('8 metrics - each event is counted once, by destination', async () => {
  await using k = await startIdentifying((await database()).warehouse);
  await k.identify([
    event('e1', 'v'),
    event('e2', 'v', A),
    { ...event('bot', 'v'), user_agent: 'Googlebot/2.1' },
    { event_id: 'nobody' },
  ]);
  await k.identify([event('late', 'v')]);
  await k.call('identify', { event: event('x', 'v') });
  const stats = k.recognition.stats();
  expect(stats.get('warehouse')).toMatchObject({
    total: 5,
    anonymous: 2,
    identified: 1,
    bots: 1,
    late: 1,
    recognized: 2,
    amended: 2,
    failed: 0,
    amendSeconds: { count: 2 },
  });
  expect(stats.get('none')).toMatchObject({ total: 1, anonymous: 1 });
  expect(await k.recognition.pending(soon())).toEqual(new Map());
});

/** State of recognition is asked for by functions, page by page, as far as the caller may see it. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { startKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';

const page = (event_id: string, anonymous_id: string, user: object = {}) => ({
  event_id,
  user: { anonymous_id, ...user },
});

async function start() {
  const [memory, second] = [memoryDestination(), memoryDestination('second')];
  const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
  const k = await startKvflow({
    recognition: { destinations: memoryDestinations(memory, second), defaults },
  });
  const identify = (events: object[], destination = 'memory', more: object = {}) =>
    k.call('identify', { destination, events, ...more });
  return { ...k, memory, second, identify };
}

interface Visitors {
  visitors: { anonymous_id?: string; destination: string; identity: { value: string }[]; by?: object }[];
  cursor?: string;
}

test('identify-visitor-list - visitors come page by page, or by what they were ever known as', async () => {
  await using k = await start();
  const logins = Array.from({ length: 25 }, (_, i) => page(`e${i}`, `v.${i}`, { email: `u${i % 5}@x` }));
  await k.identify(logins);
  await k.identify([page('second', 'v.0', { email: 'u0@x' })], 'second');
  await k.identify([page('other', 'v.0', { email: 'u0@x' })], 'memory', { namespace: 'other' });
  const found: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 10; pages++) {
    const input = { destination: 'memory', limit: 10, ...(cursor && { cursor }) };
    const page = (await k.call('identify-visitor-list', input)) as unknown as Visitors;
    found.push(...page.visitors.map(({ anonymous_id = '' }) => anonymous_id));
    cursor = page.cursor;
    if (!cursor) break;
  }
  expect(found.sort()).toEqual(logins.map(({ user }) => user.anonymous_id).sort());
  const { visitors } = (await k.call('identify-visitor-list', { value: 'U3@X' })) as unknown as Visitors;
  expect(visitors.map(({ anonymous_id }) => anonymous_id).sort()).toEqual([
    'v.13',
    'v.18',
    'v.23',
    'v.3',
    'v.8',
  ]);
  expect(visitors[0]).toMatchObject({
    destination: 'memory',
    by: { table: 'events' },
    identity: [{ value: 'u3@x' }],
  });
});

test('identify-visitor-get - all that is known of one, by destination', async () => {
  await using k = await start();
  await k.identify([page('1', 'v'), page('2', 'v')]);
  await k.identify([page('3', 'v', { email: 'a@x' })]);
  await k.identify([page('4', 'v', { email: 'b@x' })]);
  await k.identify([page('5', 'v')], 'second');
  const { known } = (await k.call('identify-visitor-get', { anonymous_id: 'v', limit: 3 })) as unknown as {
    known: {
      destination: string;
      users: object[];
      events: object[];
      events_total: number;
      changes: object[];
    }[];
  };
  expect(known.map(({ destination }) => destination)).toEqual(['memory', 'second']);
  expect(known[0]).toMatchObject({
    identity: [{ node: '/user/email', value: 'b@x' }],
    by: { table: 'events', key: ['4'] },
    users: [{ identity: [{ value: 'a@x' }] }, { identity: [{ value: 'b@x' }] }],
    events_total: 4,
    changes_total: 2,
  });
  expect(known[0]?.events).toHaveLength(3);
  expect(known[0]?.changes[0]).toMatchObject({ old: { user_email: null }, new: { user_email: 'a@x' } });
  expect(known[1]).toMatchObject({
    identity: [],
    events: [{ table: 'events', key: ['5'] }],
    events_total: 1,
  });
});

test('identify-pending-list - what waits for a warehouse, and why', async () => {
  await using k = await start();
  k.memory.fault = warehouseAway();
  await k.identify([page('1', 'v'), page('2', 'v')]);
  await k.identify([page('3', 'v')]);
  await k.recognition.reconcile(soon());
  const first = await k.call('identify-pending-list', { limit: 1 });
  expect(first).toMatchObject({
    total: 2,
    calls: [
      {
        destination: 'memory',
        table: 'events',
        claimed: false,
        waits: { attempts: expect.any(Number), code: 'UNAVAILABLE' },
      },
    ],
  });
  const next = await k.call('identify-pending-list', { cursor: (first as { cursor?: string }).cursor });
  const both = [first, next].flatMap(({ calls }) => calls as unknown as { events: number }[]);
  expect(both.map(({ events }) => events).sort()).toEqual([1, 2]);
  expect(await k.call('identify-pending-list', { destination: 'second' })).toEqual({ calls: [], total: 0 });
});

test('lists of visitors, of what waits, of dead letters and of sessions hold all that is there all the time, whatever is written', async () => {
  await using k = await start();
  const [memory, second] = [k.memory, k.second];
  memory.refuse = ({ n }) => (n === 'text' ? new PackError('WAREHOUSE_ERROR', 'n takes numbers') : undefined);
  second.fault = warehouseAway();
  const ids = Array.from({ length: 40 }, (_, i) => `v${i}`);
  const script = 'async function transform(e) { await $kv.set(e.key, e.n); return e; }';
  const write = async (round: number, some: readonly string[]) => {
    await k.identify(some.map(id => page(`${id}.${round}`, id, { email: `${id}.${round}@x` })));
    await k.identify(
      some.map(id => ({ ...page(`dead.${id}`, id), n: 'text', round })),
      'memory',
    );
    await k.call('transform', { script, events: some.map(key => ({ key, n: round })) });
  };
  await write(0, ids);
  for (const id of ids) await k.identify([page(id, id)], 'second');
  const waiting = await listed(k, 'identify-pending-list', 10, pendingKeys);
  expect(waiting).toHaveLength(ids.length);
  let writing = true;
  const writers = [0, 1].map(async from => {
    for (let round = 1; writing; round++) {
      await write(round, [...ids.slice((from + round) % 7), `new.${from}.${round}`]);
      await k.identify([page(`${from}.${round}`, `new.${from}.${round}`)], 'second');
    }
  });
  try {
    for (let round = 0; round < 2; round++) {
      const visitors = await listed(k, 'identify-visitor-list', 7, answer => idsOf(answer.visitors));
      expect(ids.filter(id => !visitors.includes(id))).toEqual([]);
      const sessions = await listed(k, 'transform-session-list', 7, answer =>
        (answer.sessions as { key: string }[]).map(({ key }) => key),
      );
      expect(ids.filter(id => !sessions.includes(id))).toEqual([]);
      const letters = await listed(k, 'identify-dead-list', 7, answer =>
        (answer.letters as { event: { event_id: string } }[]).map(({ event }) => event.event_id),
      );
      expect(ids.filter(id => !letters.includes(`dead.${id}`))).toEqual([]);
      const still = await listed(k, 'identify-pending-list', 7, pendingKeys);
      expect(waiting.filter(key => !still.includes(key))).toEqual([]);
      for (const found of [visitors, sessions, letters, still]) expect(found).toEqual([...new Set(found)]);
    }
  } finally {
    writing = false;
    await Promise.all(writers);
  }
});

const idsOf = (items: unknown) =>
  (items as { anonymous_id?: string }[]).map(({ anonymous_id = '' }) => anonymous_id);
const pendingKeys = (answer: Record<string, unknown>) =>
  (answer.calls as { key: string }[]).map(({ key }) => key);

/** All pages of a list, by its cursor. */
async function listed(
  k: TestKvflow,
  name: string,
  limit: number,
  namesOf: (answer: Record<string, unknown>) => string[],
): Promise<string[]> {
  const found: string[] = [];
  for (let from: { cursor?: string } = {}; ; ) {
    const answer = await k.call(name, { limit, ...from });
    found.push(...namesOf(answer));
    if (answer.cursor === undefined) return found;
    from = { cursor: answer.cursor as string };
  }
}

test('identify-visitor-list - a key sees its own destinations, namespaces and buckets, and changes nothing by reading', async () => {
  await using k = await start();
  await k.identify([page('1', 'v'), page('2', 'v', { email: 'a@x' })]);
  const limited = { ...EVERYTHING, name: 'limited', readOnly: true };
  const calls: [string, object][] = [
    ['identify-visitor-list', {}],
    ['identify-visitor-get', { anonymous_id: 'v' }],
    ['identify-preview', { undo: 'v' }],
  ];
  for (const [name, input] of calls) {
    await k.call(name, input, { principal: limited });
    const refused = [{ destinations: ['second'] }, { namespaces: ['shop'] }, { buckets: ['mine'] }];
    for (const rights of refused) {
      const error = await k.fail(name, input, { principal: { ...limited, ...rights } });
      expect({ name, rights, code: error.code }).toEqual({ name, rights, code: 'FORBIDDEN' });
    }
  }
  const forget = { principal: limited };
  expect((await k.fail('identify-forget', { anonymous_id: 'v' }, forget)).code).toBe('FORBIDDEN');
  for (const rights of [{ destinations: ['second'] }, { namespaces: ['shop'] }, { buckets: ['mine'] }]) {
    const principal = { ...EVERYTHING, ...rights };
    expect((await k.fail('identify-forget', { anonymous_id: 'v' }, { principal })).code).toBe('FORBIDDEN');
  }
});

test('identify-visitor-list - lists of all namespaces come with the last first, as far as a key may see them', async () => {
  await using k = await start();
  const long = 'v'.repeat(250);
  await k.identify([page('1', 'a')], 'memory', { namespace: 'shop' });
  await k.identify([page('2', long)], 'second', { namespace: 'web' });
  await k.identify([page('3', 'a', { email: 'a@x' })], 'memory', { namespace: 'shop' });
  await k.identify([page('4', long, { email: 'l@x' })], 'second', { namespace: 'web' });
  const list = async (name: string, input: object = {}, more: object = {}) =>
    await k.call(`identify-${name}-list`, { all_namespaces: true, ...input }, more);
  const [newest, older] = await pagesOf(cursor =>
    list('visitor', { order: 'newest', limit: 1, ...(cursor && { cursor }) }),
  );
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(newest?.visitors).toMatchObject([
    { namespace: 'web', anonymous_id_hash: hash, destination: 'second' },
  ]);
  expect(older?.visitors).toMatchObject([{ namespace: 'shop', anonymous_id: 'a', destination: 'memory' }]);
  expect((await list('event')).events).toMatchObject([
    { namespace: 'web', primary_key: ['4'], event: { event_id: '4' } },
    { namespace: 'shop', primary_key: ['3'] },
    { namespace: 'web', primary_key: ['2'] },
    { namespace: 'shop', primary_key: ['1'], table: 'events' },
  ]);
  expect((await list('change')).changes).toMatchObject([
    { namespace: 'web', anonymous_id_hash: hash, primary_key: { event_id: '2' }, new: { user_email: 'l@x' } },
    { namespace: 'shop', anonymous_id: 'a', table: 'events', old: { user_email: null }, by: { key: ['3'] } },
  ]);
  const { anonymous_id_hash } =
    (newest as unknown as { visitors: { anonymous_id_hash: string }[] }).visitors[0] ?? {};
  const about = { anonymous_id_hash, all_namespaces: true };
  expect((await k.call('identify-visitor-get', about)).known).toMatchObject([
    { namespace: 'web', destination: 'second', identity: [{ value: 'l@x' }], changes_total: 1 },
  ]);
  // Of what is not the key's, nothing is shown; and nothing is refused, for nothing was named.
  for (const rights of [{ namespaces: ['shop'] }, { destinations: ['memory'] }]) {
    const principal = { ...EVERYTHING, name: 'limited', ...rights };
    const seen = async (name: string, input: object = {}) =>
      Object.values(await list(name, input, { principal }))
        .flat()
        .map(one => (one as { namespace?: string }).namespace);
    expect(await seen('visitor', { order: 'newest' })).toEqual(['shop']);
    expect(await seen('event')).toEqual(['shop', 'shop']);
    expect(await seen('change')).toEqual(['shop']);
    expect((await k.call('identify-visitor-get', about, { principal })).known).toEqual([]);
  }
  for (const name of [
    'identify-visitor-list',
    'identify-event-list',
    'identify-change-list',
    'identify-pending-list',
  ]) {
    const error = await k.fail(name, { all_namespaces: true, namespace: 'shop' });
    expect([name, error.errors?.[0]?.pointer]).toEqual([name, '/all_namespaces']);
  }
  for (const input of [{}, { anonymous_id: 'a', anonymous_id_hash }])
    expect((await k.fail('identify-visitor-get', input)).errors?.[0]?.pointer).toBe('/anonymous_id');
});

test('identify-pending-list - of all namespaces, the last first; one with its settings and events; the later note counts', async () => {
  await using k = await start();
  k.memory.fault = warehouseAway();
  await k.identify([page('1', 'v')], 'memory', { namespace: 'shop' });
  await k.identify([page('2', 'v'), page('3', 'w')], 'memory', { namespace: 'web' });
  const list = async (input: object = {}) =>
    (await k.call('identify-pending-list', {
      all_namespaces: true,
      order: 'newest',
      ...input,
    })) as unknown as {
      calls: { key: string; namespace: string; events: number; waits?: { code: string } }[];
      total: number;
      cursor?: string;
    };
  const [first, second] = await pagesOf(cursor => list({ limit: 1, ...(cursor && { cursor }) }));
  expect([first?.calls[0]?.namespace, second?.calls[0]?.namespace, first?.total]).toEqual(['web', 'shop', 2]);
  const key = String(first?.calls[0]?.key);
  expect((await list({ key })).calls).toMatchObject([
    { settings: { namespace: 'web', table: 'events' }, content: [{ event_id: '2' }, { event_id: '3' }] },
  ]);
  expect(first?.calls[0]).not.toHaveProperty('content');
  const note = async (about: string, code: string, second: number) => {
    const at = `2026-01-01T00:00:0${second}.000Z`;
    const value = { attempts: 1, code, message: '', tried_at: at, next_try_at: at };
    await k.call('kv-key-put', {
      bucket: 'recognition_locks',
      key: `wait.${about}`,
      value: JSON.stringify(value),
    });
  };
  await k.recognition.reconcile(soon());
  for (const [own, all, code] of [
    [2, 1, 'WAREHOUSE_ERROR'],
    [1, 2, 'UNAVAILABLE'],
  ] as const) {
    await note(key, 'WAREHOUSE_ERROR', own);
    await note('memory', 'UNAVAILABLE', all);
    expect((await list({ key })).calls[0]?.waits?.code).toBe(code);
  }
});

/** Pages until the last. */
async function pagesOf<Page extends { cursor?: unknown }>(
  ask: (cursor: string | undefined) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: string | undefined; pages.length < 10; ) {
    const page = await ask(cursor);
    pages.push(page);
    cursor = page.cursor as string | undefined;
    if (cursor === undefined) break;
  }
  return pages;
}

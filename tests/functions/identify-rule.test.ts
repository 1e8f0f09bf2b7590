/** Whose an event is: the rule of docs/recognition.md, case by case, over a warehouse in memory. */
import { expect, test } from '@jest/globals';
import type { Parts } from '../../runtime/recognition/job.ts';
import { whoIs } from '../support/identify.ts';
import { withMemory } from '../support/identify-memory.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';

type Values = Record<string, unknown>;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const page = (event_id: string, user: Values = {}, more: Values = {}) => ({
  event_id,
  user: { anonymous_id: 'v', ...user },
  ...more,
});

async function start() {
  const k = await withMemory();
  const rows = (...ids: string[]) =>
    ids.map(id => {
      const row = k.memory.row('events', id);
      return `${id} ${row?.user_id ?? '-'} ${row?.user_email ?? '-'}`;
    });
  return { ...k, rows };
}

test('rule - a login that is delivered again later moves nobody back, without a time of its own', async () => {
  await using k = await start();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: 'u1' })]);
  await k.identify([page('4', { id: 'u2' })]);
  await k.identify([page('2', { id: 'u1' })]);
  await k.identify([page('5')]);
  expect(k.rows('1', '2', '4', '5')).toEqual(['1 u1 -', '2 u1 -', '4 u2 -', '5 u2 -']);
});

test('rule - one call may have a login twice, and another in between', async () => {
  await using k = await start();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: 'u1' }), page('4', { id: 'u2' }), page('2', { id: 'u1' }), page('5')]);
  expect(k.rows('1', '2', '4', '5')).toEqual(['1 u1 -', '2 u1 -', '4 u2 -', '5 u2 -']);
});

test('rule - a login that is sent again with more says that, when it said the rest', async () => {
  await using k = await start();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: 'u1' })]);
  await k.identify([page('4', { id: 'u2' })]);
  await k.identify([page('2', { id: 'u1', email: 'u1@x' }), page('5')]);
  expect(k.rows('1', '2', '5')).toEqual(['1 u1 u1@x', '2 u1 u1@x', '5 u2 -']);
});

test('rule - an event that names another than its visitor is taken for is not done with before it said so', async () => {
  await using server = await startNats();
  const memory = memoryDestination();
  const held = Promise.withResolvers<void>();
  const isRemembered = Promise.withResolvers<void>();
  const join = (step: Parts['step']) =>
    joinNats({ servers: [server.url] }, { recognition: { destinations: memoryDestinations(memory), step } });
  await using slow = join(async name => {
    if (name !== 'remember') return;
    isRemembered.resolve();
    await held.promise;
  });
  await using other = join(undefined);
  const send = (k: TestKvflow, namespace: string, ...events: Values[]) =>
    k.call('identify', { destination: 'memory', namespace, events });
  const named = page('b', { id: 'u0' }, { timestamp: at(6) });
  // Its row is there before anybody knows whose it is.
  await send(other, 'elsewhere', named);
  const sending = send(slow, 'here', named);
  await isRemembered.promise;
  const address = page('c', { email: 'u0@x' }, { timestamp: at(7) });
  await send(other, 'here', page('a', { id: 'u1' }, { timestamp: at(5) }), address);
  held.resolve();
  await sending;
  expect(['a', 'b', 'c'].map(id => whoIs(memory.row('events', id)))).toEqual(['u1/-', 'u0/u0@x', 'u0/u0@x']);
});

test('rule - event time decides which login is later, in whatever order they arrive', async () => {
  await using k = await start();
  await k.identify([page('b', { id: 'u2' }, { timestamp: at(20) })]);
  await k.identify([page('a', { id: 'u1' }, { timestamp: at(10) })]);
  await k.identify([page('c', {}, { timestamp: at(30) }), page('d', {}, { timestamp: at(15) })]);
  await k.identify([page('e', {}, { timestamp: at(5) })]);
  expect(k.rows('c', 'd', 'e')).toEqual(['c u2 -', 'd u1 -', 'e u1 -']);
});

test.each([[['x', 'y']], [['y', 'x']]])('rule - at one time the primary key decides: %j', async order => {
  await using k = await start();
  for (const id of order) await k.identify([page(id, { id: `user-${id}` }, { timestamp: at(1) })]);
  await k.identify([page('z', {}, { timestamp: at(2) })]);
  expect(k.rows('z')).toEqual(['z user-y -']);
});

test('rule - with overwrite all anonymous events are of who logged in last, and logins keep their own', async () => {
  await using k = await start();
  const overwrite = { conflict: 'overwrite' };
  await k.identify([page('0', {}, { timestamp: at(0) })], overwrite);
  await k.identify([page('b', { id: 'u2' }, { timestamp: at(20) })], overwrite);
  await k.identify([page('a', { id: 'u1' }, { timestamp: at(10) })], overwrite);
  await k.identify([page('c')], overwrite);
  expect(k.rows('0', 'a', 'b', 'c')).toEqual(['0 u2 -', 'a u1 -', 'b u2 -', 'c u2 -']);
});

test('rule - a redo of an earlier login does not move the visitor back', async () => {
  await using k = await start();
  await k.identify([page('0')]);
  k.memory.fault = (await import('../support/warehouses/memory.ts')).warehouseAway();
  await k.identify([page('a', { id: 'u1' })]);
  k.memory.fault = undefined;
  await k.identify([page('b', { id: 'u2' })]);
  await k.identify([page('c')]);
  await new Promise(resolve => setTimeout(resolve, 1));
  await k.recognition.reconcile(soon());
  await k.identify([page('d')]);
  expect(k.rows('b', 'c', 'd')).toEqual(['b u2 -', 'c u2 -', 'd u2 -']);
});

test('rule - of alternatives earlier rows get the value in the column of their own event', async () => {
  await using k = await start();
  const nodes = { identification_nodes: ['/ctx/user/email||/user/email'] };
  await k.identify([page('1')], nodes);
  await k.identify([page('2', { email: 'm@x' })], nodes);
  await k.identify([page('3')], nodes);
  expect(k.rows('1', '2', '3')).toEqual(['1 - m@x', '2 - m@x', '3 - m@x']);
  expect(k.memory.row('events', '1')).not.toHaveProperty('ctx_user_email');
  await k.identify([{ event_id: '4', user: { anonymous_id: 'w' }, ctx: { user: { email: '' } } }], nodes);
  await k.identify([{ event_id: '5', user: { anonymous_id: 'w', email: 'w@x' } }], nodes);
  expect(k.memory.row('events', '4')).toMatchObject({ ctx_user_email: 'w@x' });
  await k.identify([{ event_id: '6', anon: 'y' }], { ...nodes, anonymous_id_node: '/anon' });
  await k.identify([{ event_id: '7', anon: 'y', user: { email: 'y@x' } }], {
    ...nodes,
    anonymous_id_node: '/anon',
  });
  expect(k.rows('6')).toEqual(['6 - y@x']);
});

const NOBODIES = [
  '',
  ' ',
  'null',
  'undefined',
  0,
  '0',
  'NaN',
  '[object Object]',
  'true',
  '{}',
  '(null)',
  '"undefined"',
  '\u200b',
  '-Infinity',
  '[]',
];

test.each([...NOBODIES, true, false, [], [1], ['u'], {}])(
  'rule - %j in the columns of an identity is empty until the user is known',
  async nobody => {
    await using k = await start();
    await k.identify([page('1', { id: nobody, email: nobody })]);
    expect(k.rows('1')).toEqual(['1 - -']);
    await k.identify([page('4', { id: 'u', email: 'a@b.com' })]);
    await k.identify([page('5', { email: nobody })]);
    expect(k.rows('1', '4', '5')).toEqual(['1 u a@b.com', '4 u a@b.com', '5 u a@b.com']);
  },
);

test('rule - rows that name their user by a part get the parts that are known of the same user', async () => {
  await using k = await start();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: '7' })]);
  await k.identify([page('3', { id: '7', email: 'e@x' })]);
  await k.identify([page('4', { id: '7' })]);
  await k.identify([page('5', { id: '8' })]);
  await k.identify([page('6', { id: '8', email: 'f@x' })]);
  expect(k.rows('1', '2', '3', '4', '5')).toEqual(['1 7 e@x', '2 7 e@x', '3 7 e@x', '4 7 e@x', '5 8 f@x']);
});

test.each(['[object Object]', '[object Undefined]', 'NaN', 'true', '{}', true, {}, ['a']])(
  'rule - an anonymous id %j makes nobody one person',
  async anonymous_id => {
    await using k = await start();
    await k.identify([page('1', { anonymous_id })]);
    await k.identify([page('2', { anonymous_id, email: 'v@x' })]);
    expect(k.rows('1', '2')).toEqual(['1 - -', '2 - v@x']);
  },
);

test('rule - a node that holds an object is refused by its name, unless an alternative is a value', async () => {
  await using k = await start();
  const traits = { event_id: '1', user: { anonymous_id: 'v' }, context: { traits: { email: 'a@b.com' } } };
  const refused = await k.identify([traits], { identification_nodes: ['/context/traits'] });
  expect(refused.failed).toMatchObject([{ index: 0, code: 'INVALID_INPUT' }]);
  expect(refused.failed[0]?.message).toContain('/context/traits/email');
  const taken = await k.identify([traits], { identification_nodes: ['/context/traits||/user/anonymous_id'] });
  expect(taken.failed).toEqual([]);
});

test('rule - an address is the same however it is written', async () => {
  await using k = await start();
  await k.identify([page('1', { email: 'A@b.com' }), page('2', { email: 'a@B.com ', id: 'u' }), page('3')]);
  expect(k.rows('1', '2', '3')).toEqual(['1 u A@b.com', '2 u a@B.com ', '3 u A@b.com']);
});

test('rule - after an undo the right user is recognized in the past', async () => {
  await using k = await start();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: 'wrong', email: 'w' })]);
  await k.recognition.idle();
  await k.call('identify-undo', { anonymous_id: 'v' });
  expect(k.rows('1')).toEqual(['1 - -']);
  await k.identify([page('2', { id: 'wrong', email: 'w' })]);
  expect(k.rows('1')).toEqual(['1 - -']);
  await k.identify([page('3', { id: 'right', email: 'r' })]);
  expect(k.rows('1', '2', '3')).toEqual(['1 right r', '2 wrong w', '3 right r']);
});

test('rule - robots are told by the list of isbot, in the fields of trackers', async () => {
  await using k = await start();
  const bot = 'Mozilla/5.0 (compatible; GoogleBot/2.1; +http://www.google.com/bot.html)';
  const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0 cubot';
  const answer = await k.identify([
    page('1', {}, { eventn_ctx: { user_agent: bot } }),
    page('2', {}, { user_agent: 'curl/8.5.0' }),
    page('3', {}, { user_agent: person }),
  ]);
  expect(answer.skipped.bots).toBe(2);
});

test('rule - a login of before that comes late gets the rows that were given to another user', async () => {
  await using k = await start();
  await k.identify([page('1', {}, { timestamp: at(5) }), page('2', {}, { timestamp: at(12) })]);
  await k.identify([page('late', { id: 'u2', email: 'u2@x' }, { timestamp: at(10) })]);
  expect(k.rows('1', '2')).toEqual(['1 u2 u2@x', '2 u2 u2@x']);
  // Out of the bucket, with a note of when they happened.
  await k.recognition.idle();
  await k.identify([page('first', { id: 'u1' }, { timestamp: at(3) })]);
  expect(k.rows('1', '2')).toEqual(['1 u1 -', '2 u2 u2@x']);
  await k.identify([page('first-too', { id: 'u1', email: 'u1@x' }, { timestamp: at(4) })]);
  expect(k.rows('1', '2')).toEqual(['1 u1 u1@x', '2 u2 u2@x']);
});

test('rule - a login of before that comes late gets the rows of a user whose id was its email', async () => {
  await using k = await start();
  const address = { email: 'ann@x' };
  await k.identify([page('1', {}, { timestamp: at(5) }), page('2', address, { timestamp: at(6) })]);
  await k.identify([page('3', { id: 'ann@x', ...address }, { timestamp: at(10) })]);
  await k.identify([page('4', { id: '7', ...address }, { timestamp: at(1) })]);
  expect(k.rows('1', '2', '3')).toEqual(['1 7 ann@x', '2 7 ann@x', '3 ann@x ann@x']);
});

test('rule - of a row that was given to another user, what somebody changed since stays', async () => {
  await using k = await start();
  await k.identify([page('1', {}, { timestamp: at(5) })]);
  await k.identify([page('2', { id: 'u2', email: 'u2@x' }, { timestamp: at(10) })]);
  k.memory.sql("UPDATE events SET user_id = 'by hand' WHERE event_id = '1'");
  await k.identify([page('0', { id: 'u1', email: 'u1@x' }, { timestamp: at(3) })]);
  expect(k.rows('1')).toEqual(['1 by hand -']);
});

test('rule - of many logins that were undone none says anything, however many there were', async () => {
  await using k = await start();
  const logins = Array.from({ length: 40 }, (_, i) =>
    page(`l${i + 10}`, { id: 'u1' }, { timestamp: at(i + 10) }),
  );
  await k.identify([page('1', {}, { timestamp: at(5) }), ...logins]);
  expect(k.rows('1')).toEqual(['1 u1 -']);
  await k.call('identify-undo', { anonymous_id: 'v' });
  await k.identify(logins);
  expect(k.rows('1')).toEqual(['1 - -']);
});

test.each(['skip', 'overwrite'])(
  'rule - %s: after an undo rows keep users of more than a mapping has',
  async conflict => {
    await using k = await start();
    const identify = async (one: object) => await k.identify([one], { conflict });
    await identify(page('l', { id: 'undone' }));
    await k.call('identify-undo', { anonymous_id: 'v' });
    const ids = Array.from({ length: 40 }, (_, i) => `u${i}`);
    for (const [i, id] of ids.entries()) {
      await identify(page(`l${i}`, { id }, { timestamp: at(2 * i) }));
      await identify(page(id, {}, { timestamp: at(2 * i + 1) }));
    }
    const last = conflict === 'overwrite' ? 'u39' : undefined;
    expect(k.rows(...ids)).toEqual(ids.map(id => `${id} ${last ?? id} -`));
  },
);

test.each(['', 'null', 'Undefined ', '0'])(
  'rule - a column of an existing table whose default is %j is as empty as NULL',
  async empty => {
    await using k = await start();
    k.memory.sql(
      `CREATE TABLE events (event_id TEXT PRIMARY KEY, user_anonymous_id TEXT, user_id TEXT NOT NULL DEFAULT '${empty}', user_email TEXT)`,
    );
    await k.identify([page('1')]);
    await k.identify([page('2', { id: 'u', email: 'u@x' })]);
    await k.identify([page('3')]);
    expect(k.rows('1', '2', '3')).toEqual(['1 u u@x', '2 u u@x', '3 u u@x']);
    expect(await k.call('identify-undo', { anonymous_id: 'v' })).toMatchObject({ restored: 2 });
    expect(k.rows('1', '3')).toEqual([`1 ${empty} -`, `3 ${empty} -`]);
    await k.identify([page('4', { id: 'right', email: 'r@x' })]);
    expect(k.rows('1', '3')).toEqual(['1 right r@x', '3 right r@x']);
  },
);

test('rule - of an identity the parts that fit their columns are amended, the others cost nothing', async () => {
  await using k = await start();
  k.memory.sql(
    'CREATE TABLE events (event_id TEXT PRIMARY KEY, user_anonymous_id TEXT, user_id INTEGER, user_email TEXT)',
  );
  await k.identify([page('1')]);
  const { failed } = await k.identify([page('2', { id: 'u', email: 'u@x' }), page('3')]);
  expect(failed).toEqual([]);
  expect(k.rows('1', '2', '3')).toEqual(['1 - u@x', '2 - u@x', '3 - u@x']);
  expect(k.memory.row('events', '2')?._unmapped).toBe('{"user_id":"u"}');
});

test.each(['e\u0301@x', 'E\u0301@X '])(
  'rule - an address is the same in every form of Unicode: %j',
  async email => {
    await using k = await start();
    await k.identify([page('1', { email: '\u00e9@x' })]);
    await k.identify([page('2', { id: 'u', email }), page('3')]);
    expect(k.rows('1', '3')).toEqual(['1 u \u00e9@x', '3 u \u00e9@x']);
  },
);

test('rule - normalize says how the texts of a node are compared; what is stored stays as it was sent', async () => {
  await using k = await start();
  const more = { normalize: ['/user/id=lower', '/user/email=exact'] };
  await k.identify([page('1')], more);
  await k.identify([page('2', { id: ' U1' })], more);
  await k.identify([page('3', { id: 'u1 ', email: 'A@x' })], more);
  await k.identify([page('4', { email: 'a@x' })], more);
  await k.identify([page('5')], more);
  expect(k.rows('1', '2', '3', '4', '5')).toEqual([
    '1  U1 A@x',
    '2  U1 A@x',
    '3 u1  A@x',
    '4 - a@x',
    '5 - a@x',
  ]);
  const error = await k.fail('identify', {
    events: [page('6')],
    destination: 'memory',
    normalize: ['/user/id'],
  });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/normalize/0' }] });
});

test('rule - long ids at as many nodes as there may be cost nobody a call, undone and sent again', async () => {
  await using k = await start();
  const nodes = Array.from({ length: 16 }, (_, n) => `/user/${'n'.repeat(40)}${n}`);
  // JSON writes each character in six bytes.
  const user = (id: string) =>
    Object.fromEntries(nodes.map(node => [node.slice('/user/'.length), `${'\u0001'.repeat(4_990)}${id}`]));
  const more = { identification_nodes: nodes };
  await k.identify([page('1'), page('more')], more);
  for (const [n, id] of ['a', 'b', 'c'].entries()) {
    const other = page(`other${n}`, { anonymous_id: `w${n}` });
    const answer = await k.identify([page(`login${n}`, user(id)), other], more);
    expect(answer).toMatchObject({ loaded: 2, failed: [] });
    await k.recognition.idle();
    const column = `user_${'n'.repeat(40)}15`;
    expect(k.memory.row('events', '1')?.[column]).toBe(`${'\u0001'.repeat(4_990)}${id}`);
    await k.call('identify-undo', { anonymous_id: 'v' });
    expect(k.memory.row('events', '1')?.[column] ?? null).toBeNull();
  }
});

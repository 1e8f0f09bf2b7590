/** What of an event is an identity, how it is compared and where it is stored: the rule of docs/recognition.md, case by case. */
import { expect, test } from '@jest/globals';
import { page, startRule } from '../support/identify-rule.ts';

test('rule - of alternatives earlier rows get the value in the column of their own event', async () => {
  await using k = await startRule();
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
    await using k = await startRule();
    await k.identify([page('1', { id: nobody, email: nobody })]);
    expect(k.rows('1')).toEqual(['1 - -']);
    await k.identify([page('4', { id: 'u', email: 'a@b.com' })]);
    await k.identify([page('5', { email: nobody })]);
    expect(k.rows('1', '4', '5')).toEqual(['1 u a@b.com', '4 u a@b.com', '5 u a@b.com']);
  },
);

test.each(['[object Object]', '[object Undefined]', 'NaN', 'true', '{}', true, {}, ['a']])(
  'rule - an anonymous id %j makes nobody one person',
  async anonymous_id => {
    await using k = await startRule();
    await k.identify([page('1', { anonymous_id })]);
    await k.identify([page('2', { anonymous_id, email: 'v@x' })]);
    expect(k.rows('1', '2')).toEqual(['1 - -', '2 - v@x']);
  },
);

test('rule - a node that holds an object is refused by its name, unless an alternative is a value', async () => {
  await using k = await startRule();
  const traits = { event_id: '1', user: { anonymous_id: 'v' }, context: { traits: { email: 'a@b.com' } } };
  const refused = await k.identify([traits], { identification_nodes: ['/context/traits'] });
  expect(refused.failed).toMatchObject([{ index: 0, code: 'INVALID_INPUT' }]);
  expect(refused.failed[0]?.message).toContain('/context/traits/email');
  const taken = await k.identify([traits], { identification_nodes: ['/context/traits||/user/anonymous_id'] });
  expect(taken.failed).toEqual([]);
});

test('rule - an address is the same however it is written', async () => {
  await using k = await startRule();
  await k.identify([page('1', { email: 'A@b.com' }), page('2', { email: 'a@B.com ', id: 'u' }), page('3')]);
  expect(k.rows('1', '2', '3')).toEqual(['1 u A@b.com', '2 u a@B.com ', '3 u A@b.com']);
});

test('rule - robots are told by the list of isbot, in the fields of trackers', async () => {
  await using k = await startRule();
  const bot = 'Mozilla/5.0 (compatible; GoogleBot/2.1; +http://www.google.com/bot.html)';
  const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0 cubot';
  const answer = await k.identify([
    page('1', {}, { eventn_ctx: { user_agent: bot } }),
    page('2', {}, { user_agent: 'curl/8.5.0' }),
    page('3', {}, { user_agent: person }),
  ]);
  expect(answer.skipped.bots).toBe(2);
});

test.each(['', 'null', 'Undefined ', '0'])(
  'rule - a column of an existing table whose default is %j is as empty as NULL',
  async empty => {
    await using k = await startRule();
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
  await using k = await startRule();
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
    await using k = await startRule();
    await k.identify([page('1', { email: '\u00e9@x' })]);
    await k.identify([page('2', { id: 'u', email }), page('3')]);
    expect(k.rows('1', '3')).toEqual(['1 u \u00e9@x', '3 u \u00e9@x']);
  },
);

test('rule - normalize says how the texts of a node are compared; what is stored stays as it was sent', async () => {
  await using k = await startRule();
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
  await using k = await startRule();
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

/** Whose an event is: the rule of docs/recognition.md, case by case, over a warehouse in memory. */
import { expect, test } from '@jest/globals';
import type { Parts } from '../../runtime/recognition/job.ts';
import { whoIs } from '../support/identify.ts';
import { at, page, startRule } from '../support/identify-rule.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';

test('rule - a login that is delivered again later moves nobody back, without a time of its own', async () => {
  await using k = await startRule();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: 'u1' })]);
  await k.identify([page('4', { id: 'u2' })]);
  await k.identify([page('2', { id: 'u1' })]);
  await k.identify([page('5')]);
  expect(k.rows('1', '2', '4', '5')).toEqual(['1 u1 -', '2 u1 -', '4 u2 -', '5 u2 -']);
});

test('rule - one call may have a login twice, and another in between', async () => {
  await using k = await startRule();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: 'u1' }), page('4', { id: 'u2' }), page('2', { id: 'u1' }), page('5')]);
  expect(k.rows('1', '2', '4', '5')).toEqual(['1 u1 -', '2 u1 -', '4 u2 -', '5 u2 -']);
});

test('rule - a login that is sent again with more says that, when it said the rest', async () => {
  await using k = await startRule();
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
  const send = (k: TestKvflow, namespace: string, ...events: object[]) =>
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
  await using k = await startRule();
  await k.identify([page('b', { id: 'u2' }, { timestamp: at(20) })]);
  await k.identify([page('a', { id: 'u1' }, { timestamp: at(10) })]);
  await k.identify([page('c', {}, { timestamp: at(30) }), page('d', {}, { timestamp: at(15) })]);
  await k.identify([page('e', {}, { timestamp: at(5) })]);
  expect(k.rows('c', 'd', 'e')).toEqual(['c u2 -', 'd u1 -', 'e u1 -']);
});

test.each([[['x', 'y']], [['y', 'x']]])('rule - at one time the primary key decides: %j', async order => {
  await using k = await startRule();
  for (const id of order) await k.identify([page(id, { id: `user-${id}` }, { timestamp: at(1) })]);
  await k.identify([page('z', {}, { timestamp: at(2) })]);
  expect(k.rows('z')).toEqual(['z user-y -']);
});

test('rule - with overwrite all anonymous events are of who logged in last, and logins keep their own', async () => {
  await using k = await startRule();
  const overwrite = { conflict: 'overwrite' };
  await k.identify([page('0', {}, { timestamp: at(0) })], overwrite);
  await k.identify([page('b', { id: 'u2' }, { timestamp: at(20) })], overwrite);
  await k.identify([page('a', { id: 'u1' }, { timestamp: at(10) })], overwrite);
  await k.identify([page('c')], overwrite);
  expect(k.rows('0', 'a', 'b', 'c')).toEqual(['0 u2 -', 'a u1 -', 'b u2 -', 'c u2 -']);
});

test('rule - a redo of an earlier login does not move the visitor back', async () => {
  await using k = await startRule();
  await k.identify([page('0')]);
  k.memory.fault = warehouseAway();
  await k.identify([page('a', { id: 'u1' })]);
  k.memory.fault = undefined;
  await k.identify([page('b', { id: 'u2' })]);
  await k.identify([page('c')]);
  await new Promise(resolve => setTimeout(resolve, 1));
  await k.recognition.reconcile(soon());
  await k.identify([page('d')]);
  expect(k.rows('b', 'c', 'd')).toEqual(['b u2 -', 'c u2 -', 'd u2 -']);
});

test('rule - rows that name their user by a part get the parts that are known of the same user', async () => {
  await using k = await startRule();
  await k.identify([page('1')]);
  await k.identify([page('2', { id: '7' })]);
  await k.identify([page('3', { id: '7', email: 'e@x' })]);
  await k.identify([page('4', { id: '7' })]);
  await k.identify([page('5', { id: '8' })]);
  await k.identify([page('6', { id: '8', email: 'f@x' })]);
  expect(k.rows('1', '2', '3', '4', '5')).toEqual(['1 7 e@x', '2 7 e@x', '3 7 e@x', '4 7 e@x', '5 8 f@x']);
});

test('rule - after an undo the right user is recognized in the past', async () => {
  await using k = await startRule();
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

test('rule - a login of before that comes late gets the rows that were given to another user', async () => {
  await using k = await startRule();
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

test.each([
  ['a number in a column of text', { event_id: 7 }, ['event_id']],
  ['a field of an object', { event_id: undefined, event: { id: '7' } }, ['/event/id']],
])('rule - and rows whose primary key is %s', async (_what, key, primary_key_fields) => {
  await using k = await startRule();
  await k.identify([page('1', {}, { timestamp: at(12) })]);
  await k.identify([{ ...page('', {}, { timestamp: at(5) }), ...key }], { primary_key_fields });
  await k.identify([page('late', { id: 'u2', email: 'u2@x' }, { timestamp: at(10) })]);
  expect(k.rows('1', '7')).toEqual(['1 u2 u2@x', '7 u2 u2@x']);
  await k.recognition.idle();
  await k.identify([page('first', { id: 'u1' }, { timestamp: at(3) })]);
  expect(k.rows('1', '7')).toEqual(['1 u2 u2@x', '7 u1 -']);
  await k.identify([page('first-too', { id: 'u1', email: 'u1@x' }, { timestamp: at(4) })]);
  expect(k.rows('1', '7')).toEqual(['1 u2 u2@x', '7 u1 u1@x']);
});

test('rule - a login of before that comes late gets the rows of a user whose id was its email', async () => {
  await using k = await startRule();
  const address = { email: 'ann@x' };
  await k.identify([page('1', {}, { timestamp: at(5) }), page('2', address, { timestamp: at(6) })]);
  await k.identify([page('3', { id: 'ann@x', ...address }, { timestamp: at(10) })]);
  await k.identify([page('4', { id: '7', ...address }, { timestamp: at(1) })]);
  expect(k.rows('1', '2', '3')).toEqual(['1 7 ann@x', '2 7 ann@x', '3 ann@x ann@x']);
});

test('rule - of a row that was given to another user, what somebody changed since stays', async () => {
  await using k = await startRule();
  await k.identify([page('1', {}, { timestamp: at(5) })]);
  await k.identify([page('2', { id: 'u2', email: 'u2@x' }, { timestamp: at(10) })]);
  k.memory.sql("UPDATE events SET user_id = 'by hand' WHERE event_id = '1'");
  await k.identify([page('0', { id: 'u1', email: 'u1@x' }, { timestamp: at(3) })]);
  expect(k.rows('1')).toEqual(['1 by hand -']);
});

test('rule - of many logins that were undone none says anything, however many there were', async () => {
  await using k = await startRule();
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
    await using k = await startRule();
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

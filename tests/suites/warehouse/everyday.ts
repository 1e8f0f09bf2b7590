/** What sites send every day and what once made wrong rows: each kind, through identify, on every warehouse. */
import { expect, test } from '@jest/globals';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { joinNats } from '../../support/kvflow.ts';
import { memoryDestinations } from '../../support/warehouses/memory.ts';
import { awayWhile } from './away.ts';
import type { Subject, WarehouseSuite } from './subject.ts';
import { within } from './subject.ts';

type Event = { id: string; user: object };
type Step = Event | { undo: string } | 'the warehouse ends' | 'it is back' | 'what is left is done';

interface Kind {
  kind: string;
  /** Events of visitor `v`, one a call, and what happens between them. */
  steps: Step[];
  /** What calls say besides. */
  more?: object;
  /** By id: `<user id> <email>` of the row, `-` for what is NULL. */
  right: Record<string, string>;
}

const one = (id: string, user: object = {}) => ({ id, user: { anonymous_id: 'v', ...user } });
const elsewhere = { identification_nodes: ['/user/id', '/ctx/user/email||/user/email'] };

const KINDS: Kind[] = [
  {
    kind: 'a node with alternatives: each row in the column that its own event has a place for',
    more: elsewhere,
    steps: [one('1'), one('2', { email: 'm@x' }), one('3')],
    right: { 1: '- m@x', 2: '- m@x', 3: '- m@x' },
  },
  {
    kind: 'empty texts, and what names nobody, for a user who is not known yet',
    steps: [
      one('1', { id: '', email: '' }),
      one('2', { id: 0, email: 'null' }),
      one('3', { id: '--', email: '“null”' }),
      one('4', { id: 'u', email: 'u@x' }),
      one('5', { email: '' }),
    ],
    right: { 1: 'u u@x', 2: 'u u@x', 3: 'u u@x', 4: 'u u@x', 5: 'u u@x' },
  },
  {
    kind: 'the id with every event, the email once',
    steps: [one('1'), one('2', { id: '7' }), one('3', { id: '7', email: 'e@x' }), one('4', { id: '7' })],
    right: { 1: '7 e@x', 2: '7 e@x', 3: '7 e@x', 4: '7 e@x' },
  },
  {
    kind: 'strangers whose program writes an object for their id',
    steps: [
      one('1', { anonymous_id: '[object Object]' }),
      one('2', { anonymous_id: '[object Object]', id: 'u', email: 'u@x' }),
      one('3', { anonymous_id: 'NaN' }),
      one('4', { anonymous_id: 'NaN', id: 'w' }),
    ],
    right: { 1: '- -', 2: 'u u@x', 3: '- -', 4: 'w -' },
  },
  {
    kind: 'a login that is delivered again after another user came',
    steps: [one('1'), one('2', { id: 'u1' }), one('3', { id: 'u2' }), one('2', { id: 'u1' }), one('4')],
    right: { 1: 'u1 -', 2: 'u1 -', 3: 'u2 -', 4: 'u2 -' },
  },
  {
    kind: 'a login that the warehouse missed, finished after another user came',
    steps: [
      one('1'),
      'the warehouse ends',
      one('2', { id: 'u1' }),
      'it is back',
      one('3', { id: 'u2' }),
      one('4'),
      'what is left is done',
      one('5'),
    ],
    right: { 1: 'u1 -', 2: 'u1 -', 3: 'u2 -', 4: 'u2 -', 5: 'u2 -' },
  },
  {
    kind: 'the right user after the wrong one was undone',
    steps: [
      one('1'),
      one('2', { id: 'wrong', email: 'w@x' }),
      { undo: 'v' },
      one('3', { id: 'right' }),
      one('4'),
    ],
    right: { 1: 'right -', 2: 'wrong w@x', 3: 'right -', 4: 'right -' },
  },
];

/** Runs each kind in a namespace of its own, and all of them in one table, at once. */
export function testEveryday({ name }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - rows are right for each kind of what sites send every day`, async () => {
    const t = subject().table();
    const found = await Promise.all(KINDS.map((kind, at) => rowsOf(subject(), kind, `${t}-${at}`)));
    expect(found).toEqual(KINDS.map(({ kind, right }) => [kind, right]));
  });
}

/** Takes the steps of a kind, and answers its rows as `right` has them. */
async function rowsOf(subject: Subject, { kind, steps, more = {}, right }: Kind, namespace: string) {
  await using world = openWorld(subject);
  const [table = ''] = namespace.split('-');
  const key = (id: string) => `${namespace}.${id}`;
  for (const step of steps) {
    const own = isEvent(step) ? { ...step, id: key(step.id) } : step;
    await world.take(own, { table, namespace, ...more });
  }
  const ids = Object.keys(right);
  const rows = await subject.rows(table, ...ids.map(key));
  const columns = rows.flatMap(row => Object.keys(row ?? {}));
  expect(columns.filter(column => !/^(id|user_(id|email|anonymous_id))$/.test(column))).toEqual([]);
  const who = rows.map(row => `${row?.user_id ?? '-'} ${row?.user_email ?? '-'}`);
  return [kind, Object.fromEntries(ids.map((id, at) => [id, who[at]]))];
}

interface Everyday extends AsyncDisposable {
  take(step: Step, call: { table: string; namespace: string }): Promise<void>;
}

/** A kvflow whose warehouse can be made to be away. */
function openWorld({ destination, natsUrl }: Subject): Everyday {
  let isAway = false;
  const kvflow = joinNats(
    { servers: [natsUrl] },
    {
      recognition: {
        destinations: memoryDestinations(awayWhile(destination, () => isAway)),
        defaults: { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 },
      },
    },
  );
  const to = { destination: destination.name };
  const take: Everyday['take'] = async (step, call) => {
    if (step === 'the warehouse ends') isAway = true;
    else if (step === 'it is back') isAway = false;
    else if (step === 'what is left is done') await finish(call.namespace);
    else if (isEvent(step)) {
      const answer = await kvflow.call('identify', {
        ...to,
        ...call,
        primary_key_fields: ['id'],
        event: step,
      });
      expect(answer).toMatchObject(isAway ? { pending: { events: 1 } } : { loaded: 1, failed: [] });
    } else {
      const { namespace } = call;
      await kvflow.call('identify-undo', { ...to, namespace, anonymous_id: step.undo });
    }
  };
  // Calls of other kinds are under way at the same time: those may be left.
  const finish = async (namespace: string) => {
    const left = async () => Number((await kvflow.call('identify-pending-list', { namespace })).total);
    while ((await left()) > 0) await kvflow.recognition.reconcile(within());
  };
  return { take, [Symbol.asyncDispose]: () => kvflow[Symbol.asyncDispose]() };
}

function isEvent(step: Step): step is Event {
  return typeof step === 'object' && 'id' in step;
}

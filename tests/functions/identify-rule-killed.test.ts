/** The rule of docs/recognition.md, where a process was killed and others learn more before its call is finished. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentifyInput } from '../../contract/types.gen.ts';
import type { Step } from '../../runtime/recognition/job.ts';
import type { DestinationSettings } from '../../runtime/warehouses/destination-kind.ts';
import type { TestEvent } from '../support/identify.ts';
import { postgresAt, startIdentifying } from '../support/identify.ts';
import { soon } from '../support/soon.ts';
import { missingServers } from '../support/warehouses/missing.ts';
import type { TestPostgres } from '../support/warehouses/postgres.ts';
import { startPostgres } from '../support/warehouses/postgres.ts';

const page = (event_id: string, second: number, user: object = {}): TestEvent => ({
  event_id,
  timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  user: { anonymous_id: 'v', ...user },
});
async function start(
  warehouse: DestinationSettings,
  conflict: 'fill' | 'skip' | 'overwrite' = 'fill',
  others: Partial<IdentifyInput> = {},
) {
  const more = { conflict, ...others };
  let killedAt: Step | undefined;
  let meanwhile: { at: Step; work(): Promise<unknown> } | undefined;
  const step = async (name: Step) => {
    if (name === killedAt) throw new Error('killed');
    if (name !== meanwhile?.at) return;
    const { work } = meanwhile;
    meanwhile = undefined;
    await work();
  };
  const k = await startIdentifying(warehouse, { step });
  return {
    ...k,
    /** All is tidied up when it answers. */
    identify: async (one: TestEvent) => {
      await k.identify([one], more);
      await k.recognition.idle();
    },
    /** The call ends after a step, and is left to be finished. */
    killed: async (at: Step, one: TestEvent) => {
      killedAt = at;
      await k.fail('identify', { destination: 'warehouse', events: [one], ...more });
      killedAt = undefined;
    },
    undo: async () => await k.call('identify-undo', { anonymous_id: 'v' }),
    /** The visitor is undone after a step of the call, and others are identified, before it goes on. */
    undoneDuring: async (at: Step, one: TestEvent, ...others: TestEvent[]) => {
      const work = async () => {
        await k.call('identify-undo', { anonymous_id: 'v' });
        for (const other of others) await k.identify([other], more);
      };
      meanwhile = { at, work };
      await k.identify([one], more);
    },
    /** Another is identified after a step of the call, before it goes on. */
    identifiedDuring: async (at: Step, one: TestEvent, other: TestEvent) => {
      meanwhile = { at, work: async () => await k.identify([other], more) };
      await k.identify([one], more);
    },
    finish: async () => expect(await k.recognition.reconcile(soon(60_000))).toMatchObject({ left: 0 }),
    remembered: async () => await k.nats.kv.keys(soon(60_000), 'anonymous_events', 'default.warehouse.v.*'),
    who: async (id: string) => (await k.identities([id]))[id],
  };
}

const missing = await missingServers();

describe.each(['memory', 'postgres'])('%s', name => {
  let postgres: TestPostgres | undefined;
  let databases = 0;
  if (missing[name]) {
    test.skip(`rule - ${name}: killed (skipped: ${missing[name]})`, () => undefined);
    return;
  }

  beforeAll(async () => {
    if (name === 'postgres') postgres = await startPostgres();
  }, 120_000);
  afterAll(async () => await postgres?.[Symbol.asyncDispose]());

  async function startHere(conflict?: 'fill' | 'skip' | 'overwrite', more?: Partial<IdentifyInput>) {
    if (postgres)
      return await start(postgresAt(await postgres.database(`rule_${++databases}`)), conflict, more);
    const sqlite = {
      type: 'sqlite',
      url: ':memory:',
      table: 'events',
      primaryKeyFields: ['event_id'],
    } as const;
    return await start({ ...sqlite, primaryKeyFields: ['event_id'] }, conflict, more);
  }

  test(`rule - ${name}: killed before rows of another are set back, what comes next is not done with their events`, async () => {
    await using k = await startHere();
    await k.identify(page('1', 7));
    await k.identify(page('2', 0, { email: 'u0@x' }));
    const other = page('3', 1, { id: 'u1', email: 'u1@x' });
    await k.killed('mapping', other);
    // Sent again; and then who the row was given to first, with the id.
    await k.identify(other);
    await k.identify(page('4', 5, { id: 'u0', email: 'u0@x' }));
    await k.finish();
    expect(await k.who('1')).toBe('u0/u0@x');
  });

  test(`rule - ${name}: killed before it is written down whose rows are, what comes next is not done with their events`, async () => {
    await using k = await startHere();
    await k.identify(page('1', 4, { email: 'u0@x' }));
    await k.killed('amend', page('2', 0, { id: 'u1' }));
    expect(await k.who('1')).toBe('u1/u0@x');
    await k.identify(page('3', 9, { id: 'u0', email: 'u0@x' }));
    await k.identify(page('4', 3, { id: 'u0', email: 'u0@x' }));
    await k.finish();
    expect(await k.who('1')).toBe('u0/u0@x');
  });

  test(`rule - ${name}: killed before it is written down whose a row is, an event that is sent again does not keep an undo from it`, async () => {
    await using k = await startHere();
    const anonymous = page('1', 4);
    await k.identify(anonymous);
    await k.killed('amend', page('2', 5, { id: 'u', email: 'u@x' }));
    await k.identify(anonymous);
    await k.finish();
    expect(await k.who('1')).toBe('u/u@x');
    expect(await k.undo()).toMatchObject({ restored: 1 });
    expect(await k.who('1')).toBe('-/-');
  });

  test(`rule - ${name}: killed before a part is written down, who adds the rest does not hide it`, async () => {
    await using k = await startHere();
    await k.identify(page('1', 4));
    await k.killed('amend', page('2', 5, { email: 'u@x' }));
    await k.identify(page('3', 6, { id: 'u', email: 'u@x' }));
    await k.finish();
    expect(await k.who('1')).toBe('u/u@x');
    await k.identify(page('4', 3, { id: 'w', email: 'w@x' }));
    expect(await k.who('1')).toBe('w/w@x');
  });

  test(`rule - ${name}: killed before it is written down whose a row is, an undo finds an id that is the event's email too`, async () => {
    await using k = await startHere();
    await k.identify(page('1', 4, { email: 'u@x' }));
    await k.killed('amend', page('2', 5, { id: 'u@x', email: 'u@x' }));
    await k.finish();
    expect(await k.who('1')).toBe('u@x/u@x');
    expect(await k.undo()).toMatchObject({ restored: 1 });
    expect(await k.who('1')).toBe('-/u@x');
  });

  test.each(['fill', 'skip', 'overwrite'] as const)(
    `rule - ${name}, %s: killed before it is written down whose a row is, and undone before the call is finished, it is nobody's`,
    async conflict => {
      await using k = await startHere(conflict);
      await k.identify(page('1', 4));
      await k.killed('amend', page('2', 5, { id: 'u', email: 'u@x' }));
      await k.undo();
      await k.finish();
      expect(await k.who('1')).toBe('-/-');
      await k.identify(page('3', 6, { id: 'w', email: 'w@x' }));
      expect(await k.who('1')).toBe('w/w@x');
    },
  );

  test.each(['fill', 'skip', 'overwrite'] as const)(
    `rule - ${name}, %s: killed before it is written down whose a row is, who comes after an undo gets it once the call is finished`,
    async conflict => {
      await using k = await startHere(conflict);
      await k.identify(page('1', 4));
      await k.killed('amend', page('2', 5, { id: 'u', email: 'u@x' }));
      await k.undo();
      await k.identify(page('3', 6, { id: 'w', email: 'w@x' }));
      await k.finish();
      expect(await k.who('1')).toBe('w/w@x');
      await k.undo();
      expect(await k.who('1')).toBe('-/-');
    },
  );

  test.each(['fill', 'skip', 'overwrite'] as const)(
    `rule - ${name}, %s: a row of a visitor who is undone while it is amended is nobody's`,
    async conflict => {
      await using k = await startHere(conflict);
      await k.identify(page('1', 4));
      await k.undoneDuring('amend', page('2', 5, { id: 'u', email: 'u@x' }));
      expect(await k.who('1')).toBe('-/-');
      await k.identify(page('3', 6, { id: 'w', email: 'w@x' }));
      expect(await k.who('1')).toBe('w/w@x');
    },
  );

  test(`rule - ${name}, overwrite: a row of a visitor who is undone after it was written down what is to replace its values is nobody's`, async () => {
    await using k = await startHere('overwrite');
    await k.identify(page('1', 4));
    await k.undoneDuring('intent', page('2', 5, { id: 'u', email: 'u@x' }));
    expect(await k.who('1')).toBe('-/-');
    await k.undoneDuring('intent', page('3', 6, { id: 'w', email: 'w@x' }), page('4', 7, { id: 'z' }));
    expect(await k.who('1')).toBe('z/-');
    expect(await k.undo()).toMatchObject({ restored: 1 });
    expect(await k.who('1')).toBe('-/-');
  });

  test.each([
    ['finished', true],
    ['left to be finished', false],
  ])(
    `rule - ${name}, overwrite: killed before values were replaced as was written down, and the user before comes again: an undo finds what is there (the call is %s)`,
    async (_, isFinished) => {
      await using k = await startHere('overwrite');
      await k.identify(page('1', 4));
      await k.identify(page('2', 5, { id: 'u', email: 'u@x' }));
      await k.killed('intent', page('3', 6, { id: 'w', email: 'w@x' }));
      await k.identify(page('4', 7, { id: 'u', email: 'u@x' }));
      if (isFinished) await k.finish();
      expect(await k.who('1')).toBe('u/u@x');
      expect(await k.undo()).toMatchObject({ restored: 1, unchanged: 0 });
      expect(await k.who('1')).toBe('-/-');
      await k.finish();
      expect(await k.who('1')).toBe('-/-');
    },
  );

  test(`rule - ${name}, overwrite: two calls give a row to one and the other and the one again: an undo sets it back to what stood there first`, async () => {
    await using k = await startHere('overwrite');
    await k.identify(page('1', 4));
    await k.identify(page('2', 5, { id: 'u', email: 'u@x' }));
    const [before, later] = [3, 6].map(at => page(`at${at}`, at, { id: 'w', email: 'w@x' })) as [
      TestEvent,
      TestEvent,
    ];
    await k.identifiedDuring('list', before, later);
    expect(await k.who('1')).toBe('w/w@x');
    expect(await k.undo()).toMatchObject({ restored: 1, unchanged: 0 });
    expect(await k.who('1')).toBe('-/-');
  });

  test(`rule - ${name}, overwrite: killed before it is written down that a row which names its user by a part got another, an undo finds it`, async () => {
    const nodes = ['/ctx/user/id||/user/id', '/user/email', '/user/phone'];
    await using k = await startHere('overwrite', { identification_nodes: nodes });
    await k.identify(page('1', 4, { id: 'u' }));
    await k.identify(page('2', 5, { id: 'u', email: 'u@x' }));
    await k.killed('amend', page('3', 6, { id: 'u', phone: '1' }));
    await k.finish();
    expect(await k.row('1')).toMatchObject({ user_id: 'u', user_email: 'u@x', user_phone: '1' });
    await k.undo();
    expect(await k.row('1')).toMatchObject({ user_id: 'u', user_email: null, user_phone: null });
  });

  test(`rule - ${name}: an event that is sent again leaves the bucket again, as it is written down whose its row is`, async () => {
    await using k = await startHere();
    const anonymous = page('1', 4);
    await k.identify(anonymous);
    await k.identify(page('2', 5, { id: 'u', email: 'u@x' }));
    expect(await k.remembered()).toEqual([]);
    await k.identify(anonymous);
    expect(await k.remembered()).toEqual([]);
    expect(await k.who('1')).toBe('u/u@x');
  });
});

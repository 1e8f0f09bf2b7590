import { expect, test } from '@jest/globals';
import type { AmendOutcome, RestoreRow } from '../../../runtime/core/destinations.ts';
import type { Identity, Subject, WarehouseSuite } from './subject.ts';
import { nextVersion, within } from './subject.ts';

/** An outcome as an object that compares like any other. */
export function outcome(it: AmendOutcome | undefined): unknown {
  return JSON.parse(JSON.stringify(it ?? null));
}

const EMAIL = 'user/email';
const ID = 'user/id';

/** Setting identities and undoing it. */
export function testAmend({ name }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - amend fills what is NULL, tells old and new, and has nothing to do the second time`, async () => {
    const { stored, amend, rows, t } = subject();
    await stored(t, { id: 'a', page: '/' }, { id: 'b', page: '/x', user: { email: 'a@b.com' } });
    const row: [Record<string, unknown>, Identity] = [
      { id: 'a', page: '/changed' },
      { [EMAIL]: 'a@b.com', [ID]: 7 },
    ];
    expect((await amend(t, [row])).map(outcome)).toEqual([
      {
        state: 'amended',
        table: t,
        key: { id: 'a' },
        old: { user_email: null, user_id: null },
        new: { user_email: 'a@b.com', user_id: 7 },
      },
    ]);
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', page: '/', user_email: 'a@b.com', user_id: 7 },
      { id: 'b', page: '/x', user_email: 'a@b.com' },
    ]);
    const unchanged = { table: t, key: { id: 'a' }, new: { user_email: 'a@b.com', user_id: 7 } };
    expect((await amend(t, [row])).map(outcome)).toEqual([{ state: 'unchanged', row: unchanged }]);
  });

  test(`${name} - fill leaves a row of another user alone, and adds up partial identities`, async () => {
    const { stored, amend, rows, t } = subject();
    await stored(
      t,
      { id: 'a', user: { email: 'first@b.com' } },
      { id: 'b', user: { id: 'u1' } },
      { id: 'c' },
    );
    const identity = { [EMAIL]: 'second@b.com', [ID]: 'u1' };
    const states = await amend(t, [
      [{ id: 'a' }, identity],
      [{ id: 'b' }, identity],
      [{ id: 'c' }, { [EMAIL]: 'second@b.com' }],
    ]);
    expect(states.map(outcome)).toMatchObject([
      { state: 'unchanged' },
      { state: 'amended', old: { user_email: null }, new: { user_email: 'second@b.com' } },
      { state: 'amended', old: { user_email: null } },
    ]);
    expect(outcome(states[1])).not.toHaveProperty('new.user_id');
    await amend(t, [[{ id: 'c' }, { [ID]: 'u1' }]]);
    expect(await rows(t, 'a', 'b', 'c')).toEqual([
      { id: 'a', user_email: 'first@b.com' },
      { id: 'b', user_email: 'second@b.com', user_id: 'u1' },
      { id: 'c', user_email: 'second@b.com', user_id: 'u1' },
    ]);
  });

  test(`${name} - overwrite replaces what is there`, async () => {
    const { stored, amend, rows, t } = subject();
    await stored(
      t,
      { id: 'a', user: { email: 'first@b.com', id: 'u1' } },
      { id: 'b', user: { email: 'x@b.com' } },
    );
    const states = await amend(
      t,
      [
        [{ id: 'a' }, { [EMAIL]: 'second@b.com', [ID]: 'u1' }],
        [{ id: 'b' }, { [EMAIL]: 'x@b.com' }],
      ],
      'overwrite',
    );
    expect(states.map(outcome)).toEqual([
      {
        state: 'amended',
        table: t,
        key: { id: 'a' },
        old: { user_email: 'first@b.com' },
        new: { user_email: 'second@b.com' },
      },
      { state: 'unchanged', row: { table: t, key: { id: 'b' }, new: { user_email: 'x@b.com' } } },
    ]);
    expect(await rows(t, 'a')).toEqual([{ id: 'a', user_email: 'second@b.com', user_id: 'u1' }]);
  });

  test.each(['fill', 'overwrite', 'skip'] as const)(
    `${name} - what %s would do is planned, and nothing is changed by that`,
    async conflict => {
      const { stored, amend, dryRun, rows, t } = subject();
      const before = [
        { id: 'a', user_id: 'u1' },
        { id: 'b', user_id: 'u2', user_email: 'x@b.com' },
        { id: 'c', n: 1 },
      ];
      await stored(t, ...before);
      const identity = { [EMAIL]: 'x@b.com', [ID]: 'u1' };
      const wanted: [Record<string, unknown>, typeof identity][] = [
        ...before.map((event): [Record<string, unknown>, typeof identity] => [event, identity]),
        [{ id: 'gone' }, identity],
      ];
      const planned = await dryRun(t, wanted, conflict);
      expect(await rows(t, 'a', 'b', 'c', 'gone')).toEqual([...before, undefined]);
      expect(planned.at(-1)).toEqual({ state: 'missing' });
      expect((await amend(t, wanted, conflict)).slice(0, -1)).toEqual(planned.slice(0, -1));
    },
  );

  test(`${name} - skip amends only rows that have no identity at all`, async () => {
    const { stored, amend, rows, t } = subject();
    await stored(t, { id: 'a', user: { id: 'u1' } }, { id: 'b' });
    const identity = { [EMAIL]: 'a@b.com', [ID]: 'u1' };
    const states = await amend(
      t,
      [
        [{ id: 'a' }, identity],
        [{ id: 'b' }, identity],
      ],
      'skip',
    );
    expect(states.map(each => each.state)).toEqual(['unchanged', 'amended']);
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', user_id: 'u1' },
      { id: 'b', user_email: 'a@b.com', user_id: 'u1' },
    ]);
  });

  test(`${name} - a row that is not there is stored whole, with its identity`, async () => {
    const { stored, amend, rows, table } = subject();
    const [t, nowhere] = [table(), table()];
    await stored(t, { id: 'a', page: '/' });
    const states = await amend(t, [
      [{ id: 'a', page: '/' }, { [EMAIL]: 'a@b.com' }],
      [{ id: 'b', page: '/late', nested: { n: 1 } }, { [EMAIL]: 'a@b.com' }],
      [{ id: 'c', page: '/new', JITSU_TABLE_NAME: nowhere }, { [EMAIL]: 'a@b.com' }],
    ]);
    expect(states.map(outcome)).toMatchObject([
      { state: 'amended', key: { id: 'a' } },
      { state: 'loaded', table: t, key: { id: 'b' }, new: { user_email: 'a@b.com' } },
      { state: 'loaded', table: nowhere, key: { id: 'c' }, new: { user_email: 'a@b.com' } },
    ]);
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', page: '/', user_email: 'a@b.com' },
      { id: 'b', page: '/late', nested_n: 1, user_email: 'a@b.com' },
    ]);
    expect(await rows(nowhere, 'c')).toEqual([{ id: 'c', page: '/new', user_email: 'a@b.com' }]);
  });

  test(`${name} - of rows with one key the last wins`, async () => {
    const { stored, amend, rows, t } = subject();
    await stored(t, { id: 'a' });
    const states = await amend(t, [
      [{ id: 'a' }, { [EMAIL]: 'first@b.com' }],
      [{ id: 'new', n: 1 }, { [EMAIL]: 'first@b.com' }],
      [{ id: 'a' }, { [EMAIL]: 'last@b.com' }],
      [{ id: 'new', n: 2 }, { [EMAIL]: 'last@b.com' }],
    ]);
    expect(states[2]).toMatchObject({ state: 'amended', new: { user_email: 'last@b.com' } });
    expect(await rows(t, 'a', 'new')).toEqual([
      { id: 'a', user_email: 'last@b.com' },
      { id: 'new', n: 2, user_email: 'last@b.com' },
    ]);
  });

  test(`${name} - an identity that its column cannot hold costs only its row`, async () => {
    const { stored, amend, rows, t } = subject();
    await stored(t, { id: 'a', user: { id: 1 } }, { id: 'b' }, { id: 'c' });
    const states = await amend(t, [
      [{ id: 'b' }, { [ID]: 'not a number' }],
      [{ id: 'c' }, { [ID]: 3 }],
    ]);
    expect(states).toMatchObject([
      { state: 'failed', error: { code: 'WAREHOUSE_ERROR', details: { column: 'user_id' } } },
      { state: 'amended' },
    ]);
    expect(await rows(t, 'b', 'c')).toEqual([{ id: 'b' }, { id: 'c', user_id: 3 }]);
  });

  test(`${name} - of an identity the parts that fit are set, where values may go beside their rows`, async () => {
    const { another, stored, rows, t } = subject();
    await stored(t, { id: 'a', user: { id: 1, email: 'a@b.com' } }, { id: 'b' });
    const lenient = await another({ misfits: { policy: 'keep_aside', byColumn: new Map() } });
    const identity = [
      { path: ['user', 'id'], value: 'not a number' },
      { path: ['user', 'email'], value: 'b@b.com' },
    ];
    const target = { table: t, primaryKeyFields: ['id'], conflict: 'fill' as const };
    const row = { event: { id: 'b' }, version: nextVersion(), identity };
    expect(await lenient.amend(within(), target, [row])).toMatchObject([{ state: 'amended' }]);
    expect(await rows(t, 'b')).toEqual([{ id: 'b', user_email: 'b@b.com' }]);
  });

  test.each(['fill', 'skip', 'overwrite'] as const)(
    `${name} - with %s what names nobody is as empty as NULL, planned and done`,
    async conflict => {
      const { destination, stored, rows, t } = subject();
      const texts = ['', 'NULL ', '0', '--', `* '"\\_?`];
      const nobodies = texts.map((id, n) => ({ id: `n${n}`, user: { id, email: 'undefined' } }));
      const others = ['u2', '日本', '-2'];
      const somebodies = others.map((id, n) => ({ id: `s${n}`, user: { id } }));
      await stored(t, ...nobodies, ...somebodies);
      const empty = ['', 'null', '0', 'undefined', "it's", '\\'];
      const target = { table: t, primaryKeyFields: ['id'], conflict, empty };
      const ids = [...nobodies, ...somebodies].map(({ id }) => id);
      const amendments = ids.map(id => ({
        event: { id },
        version: nextVersion(),
        identity: [
          { path: ['user', 'id'], value: 'u1' },
          { path: ['user', 'email'], value: 'u1@x' },
        ],
      }));
      const planned = await destination.dryRun(within(), target, amendments);
      const done = await destination.amend(within(), target, amendments);
      expect(done.map(outcome)).toEqual(planned.map(outcome));
      const isOther = conflict !== 'overwrite';
      const toOthers = others.map(() => (isOther ? 'unchanged' : 'amended'));
      expect(done.map(({ state }) => state)).toEqual([...texts.map(() => 'amended'), ...toOthers]);
      const named = { user_id: 'u1', user_email: 'u1@x' };
      expect(await rows(t, ...ids)).toEqual([
        ...nobodies.map(({ id }) => ({ id, ...named })),
        ...somebodies.map(({ id, user }) => (isOther ? { id, user_id: user.id } : { id, ...named })),
      ]);
    },
  );

  test(`${name} - a plain load that is repeated after an amendment leaves it`, async () => {
    const { destination, amend, rows, t } = subject();
    const target = { table: t, primaryKeyFields: ['id'] };
    const first = { event: { id: 'a', page: '/' }, version: nextVersion() };
    await destination.load(within(), target, [first]);
    await amend(t, [[{ id: 'a' }, { [EMAIL]: 'a@b.com' }]]);
    await destination.load(within(), target, [first]);
    expect(await rows(t, 'a')).toEqual([{ id: 'a', page: '/', user_email: 'a@b.com' }]);
  });

  test(`${name} - restore sets back what is still as the amendment left it`, async () => {
    const { destination, stored, amend, rows, table, t } = subject();
    await stored(t, { id: 'a', user: { id: 1, email: 'old@b.com' } }, { id: 'b' }, { id: 'c' });
    const identity = { [EMAIL]: 'new@b.com', [ID]: 2 };
    const amended = await amend(
      t,
      [
        [{ id: 'a' }, identity],
        [{ id: 'b' }, identity],
        [{ id: 'c' }, identity],
      ],
      'overwrite',
    );
    await amend(t, [[{ id: 'c' }, { [EMAIL]: 'third@b.com' }]], 'overwrite');
    const undo = amended.map(it => restoreOf(it));
    const gone: RestoreRow = { ...restoreOf(amended[0]), key: { id: 'nobody' } };
    const elsewhere: RestoreRow = { ...restoreOf(amended[0]), table: table() };
    expect(await destination.restore(within(), [...undo, gone, elsewhere])).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(await rows(t, 'a', 'b', 'c')).toEqual([
      { id: 'a', user_id: 1, user_email: 'old@b.com' },
      { id: 'b' },
      { id: 'c', user_email: 'third@b.com' },
    ]);
    expect(await destination.restore(within(), undo)).toEqual([false, false, false]);
  });

  test(`${name} - amend takes 1,000 rows, and as many statements as for ten`, async () => {
    const { stored, amend, rows, table, server } = subject();
    const counted = async (count: number) => {
      const t = table();
      const events = Array.from({ length: count }, (_, i) => ({ id: `e${i}`, n: i }));
      await stored(t, ...events.slice(0, count / 2), { id: 'x', user: { email: '', id: '' } });
      const before = (await server.statements?.()) ?? 0;
      const states = await amend(
        t,
        events.map(event => [event, { [EMAIL]: `${event.id}@b.com`, [ID]: event.id }]),
      );
      const after = (await server.statements?.()) ?? 0;
      expect(states.map(({ state }) => state)).toEqual(
        events.map((_, i) => (i < count / 2 ? 'amended' : 'loaded')),
      );
      expect(await rows(t, ...events.map(({ id }) => id))).toEqual(
        events.map(({ id, n }) => ({ id, n, user_email: `${id}@b.com`, user_id: id })),
      );
      return after - before;
    };
    const [few, many] = [await counted(10), await counted(1_000)];
    expect(many).toBe(few);
    if (server.statements) expect(many).toBeGreaterThan(0);
  });
}

function restoreOf(it: AmendOutcome | undefined): RestoreRow {
  if (it?.state !== 'amended') throw new Error(`not amended: ${it?.state}`);
  const columns = Object.fromEntries(
    Object.entries(it.new).map(([column, from]) => [column, { from, to: it.old[column] ?? null }]),
  );
  return { table: it.table, key: it.key, columns, version: nextVersion() };
}

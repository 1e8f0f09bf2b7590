import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import type { Subject, WarehouseSuite } from './subject.ts';
import { needed, nextVersion, testUnless, within } from './subject.ts';

const WIDTH = 6;

/** Several processes at once, and a warehouse that does not always answer. */
export function testTogether({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  const alone = cannot['two-instances'];
  (alone ? test.skip : test)(
    `${name} - destinations that know nothing of each other make one table and its columns at once${alone ? `: ${alone}` : ''}`,
    async () => {
      const { another, load, rows, t } = subject();
      const all = await Promise.all(Array.from({ length: WIDTH }, () => another()));
      for (const round of [1, 2]) {
        const outcomes = await Promise.all(
          all.map((each, at) =>
            load(t, [{ id: `e${at}`, [`own_${round}_${at}`]: at, [`shared_${round}`]: 'x' }], each),
          ),
        );
        expect(outcomes).toEqual(all.map(() => [undefined]));
      }
      expect(await rows(t, ...all.map((_, at) => `e${at}`))).toEqual(
        all.map((_, at) => ({
          id: `e${at}`,
          [`own_1_${at}`]: at,
          [`own_2_${at}`]: at,
          shared_1: 'x',
          shared_2: 'x',
        })),
      );
      await Promise.all(all.map(each => each.close()));
    },
  );

  const overlapping = cannot['overlapping-writes'];
  (overlapping ? test.skip : test)(
    `${name} - overlapping writes in opposite orders all succeed${overlapping ? `: ${overlapping}` : ''}`,
    async () => {
      const { destination, stored, load, amend, rows, t } = subject();
      const events = Array.from({ length: 300 }, (_, i) => ({ id: `e${i}`, n: i }));
      await stored(t, { id: 'first', n: 1, user: { email: 'x' } });
      const backwards = [...events].reverse();
      const identified = (list: typeof events) =>
        amend(
          t,
          list.map(event => [event, { 'user/email': 'a@b.com' }]),
        );
      await Promise.all([
        load(t, events),
        load(t, backwards),
        identified(events),
        identified(backwards),
        load(t, events),
      ]);
      expect(await rows(t, ...events.map(({ id }) => id))).toEqual(
        events.map(event => ({ ...event, user_email: 'a@b.com' })),
      );
      expect(destination.name).toBe('warehouse');
    },
  );

  test(`${name} - a table or column that was dropped is made again`, async () => {
    const { server, stored, amend, rows, table } = subject();
    const drop = needed(server.drop, 'dropped tables');
    const t = table();
    await stored(t, { id: 'a', n: 1, m: 1 });
    await drop(t, 'n');
    await stored(t, { id: 'b', n: 2 });
    expect(await rows(t, 'a', 'b')).toEqual([
      { id: 'a', m: 1 },
      { id: 'b', n: 2 },
    ]);
    await drop(t);
    const [state] = await amend(t, [[{ id: 'c', n: 3 }, { email: 'a@b.com' }]]);
    expect(state).toMatchObject({ state: 'loaded' });
    await drop(t);
    expect(await rows(t, 'c')).toEqual([undefined]);
    await stored(t, { id: 'd', n: 4 });
    expect(await rows(t, 'd')).toEqual([{ id: 'd', n: 4 }]);
  });

  test(`${name} - check says that it works, and what is there`, async () => {
    const findings = await subject().destination.check(within());
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  });

  testUnless(
    cannot.locks,
    `${name} - a lock that is held ends the call at its deadline, and nothing else`,
    async () => {
      const { server, destination, stored, amend, rows, table } = subject();
      const lockRow = needed(server.lockRow, 'locks');
      const t = table();
      await stored(t, { id: 'a', user: { email: 'x' } }, { id: 'b' });
      const release = await lockRow(t, 'b');
      const row = { event: { id: 'b' }, identity: [{ path: ['user', 'email'], value: 'a@b.com' }] };
      const target = { table: t, primaryKeyFields: ['id'], conflict: 'fill' as const };
      const stuck = destination.amend(within(400), target, [{ ...row, version: nextVersion() }]);
      await expect(stuck).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
      await stored(table(), { id: 'c' });
      await release();
      await eventually(async () =>
        expect((await amend(t, [[{ id: 'b' }, { 'user/email': 'a@b.com' }]]))[0]?.state).toMatch(
          /amended|unchanged/,
        ),
      );
      expect(await rows(t, 'b')).toEqual([{ id: 'b', user_email: 'a@b.com' }]);
    },
  );

  testUnless(
    cannot.outages,
    `${name} - a warehouse that is away is UNAVAILABLE, and works again when it is back`,
    async () => {
      const { server, destination, stored, load, rows, table } = subject();
      const stop = needed(server.stop, 'outages');
      const start = needed(server.start, 'outages');
      const t = table();
      await stored(t, { id: 'a', n: 1 });
      await stop();
      const away = { code: 'UNAVAILABLE', retryable: true };
      await expect(load(t, [{ id: 'b', n: 2 }])).rejects.toMatchObject(away);
      await expect(load(t, [{ id: 'b', n: 2 }])).rejects.toMatchObject(away);
      expect((await destination.check(within())).some(({ ok }) => !ok)).toBe(true);
      await start();
      await eventually(async () => expect(await load(t, [{ id: 'b', n: 2 }])).toEqual([undefined]));
      expect(await rows(t, 'a', 'b')).toEqual([
        { id: 'a', n: 1 },
        { id: 'b', n: 2 },
      ]);
    },
  );
}

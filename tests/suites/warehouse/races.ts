import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import type { Subject, WarehouseSuite } from './subject.ts';
import { nextVersion, within } from './subject.ts';

const ROWS = 200;
const AT_ONCE = 10;
const EMAIL = { path: ['user', 'email'], value: 'a@b.com' };

/** Rows that appear while others amend them: amended, or told as missing, never taken for rows that have all they need. */
export function testRaces({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  test(`${name} - a row that appears after it was found missing gets the identity, unless it has another`, async () => {
    const { server, stored, rows, t } = subject();
    await stored(t, { id: 'first', user: { email: 'x', id: 'x' } });
    const engine = await server.engine();
    let appeared = false;
    const late = createLoader({
      name: 'late',
      type: 'test',
      locked: (_call, _names, work) => work(),
      engine: {
        ...engine,
        amend: async (call, batch) => {
          const found = await engine.amend(call, batch);
          // Once: what comes after meets the rows.
          if (!appeared)
            await stored(t, { id: 'anonymous', n: 1 }, { id: 'other', n: 2, user: { id: 'other' } });
          appeared = true;
          return found;
        },
      },
    });
    const target = { table: t, primaryKeyFields: ['id'], conflict: 'fill' as const };
    const events = ['anonymous', 'other', 'nowhere'].map((id, n) => ({ id, n: n + 1 }));
    const outcomes = await late.amend(
      within(),
      target,
      events.map(event => ({
        event,
        version: nextVersion(),
        identity: [EMAIL, { path: ['user', 'id'], value: 'u' }],
      })),
    );
    expect(outcomes.map(({ state }) => state)).toEqual(['loaded', 'unchanged', 'loaded']);
    expect(await rows(t, 'anonymous', 'other', 'nowhere')).toEqual([
      { id: 'anonymous', n: 1, user_email: 'a@b.com', user_id: 'u' },
      { id: 'other', n: 2, user_id: 'other' },
      { id: 'nowhere', n: 3, user_email: 'a@b.com', user_id: 'u' },
    ]);
    await late.close();
  });

  const alone = cannot['two-instances'];
  (alone ? test.skip : test)(
    `${name} - a column that another process made is read and set back${alone ? `: ${alone}` : ''}`,
    async () => {
      const { another, stored, amend, rows, t } = subject();
      await stored(t, { id: 'a', n: 1 });
      const other = await another();
      const target = { table: t, primaryKeyFields: ['id'] };
      const key = { id: 'a' };
      // From now on it knows the table as it is.
      const known = { id: 'a', n: 1 };
      expect(await other.read(within(), target, [key])).toMatchObject([known]);
      await amend(t, [[known, { 'user/email': 'a@b.com', 'user/id': 'u' }]]);
      const columns = { user_email: { from: 'a@b.com', to: null }, user_id: { from: 'u', to: null } };
      expect(await other.restore(within(), [{ table: t, key, columns, version: nextVersion() }])).toEqual([
        true,
      ]);
      expect(await rows(t, 'a')).toEqual([known]);
      await amend(t, [[known, { 'user/phone': '1' }]]);
      expect(await other.read(within(), target, [key])).toMatchObject([{ ...known, user_phone: '1' }]);
    },
  );

  (alone ? test.skip : test)(
    `${name} - rows that appear while they are amended are amended or missing, never taken for done${alone ? `: ${alone}` : ''}`,
    async () => {
      const { another, stored, load, rows, t } = subject();
      await stored(t, { id: 'first', user: { email: 'x' } });
      const other = await another();
      const ids = Array.from({ length: ROWS }, (_, i) => `e${i}`);
      const target = { table: t, primaryKeyFields: ['id'], conflict: 'fill' as const };
      const told = new Set<string>();
      const amendAll = async () => {
        const asked = ids.map(id => ({
          event: { id },
          identity: [EMAIL],
          version: nextVersion(),
          keyOnly: true as const,
        }));
        const outcomes = await other.amend(within(), target, asked);
        for (const [at, { state }] of outcomes.entries()) {
          expect(state).toMatch(/^(amended|unchanged|missing)$/);
          if (state !== 'missing') told.add(ids[at] ?? '');
        }
      };
      let isLoading = true;
      const loading = (async () => {
        for (let at = 0; at < ROWS; at += AT_ONCE) {
          const outcomes = await load(
            t,
            ids.slice(at, at + AT_ONCE).map(id => ({ id, n: 1 })),
          );
          expect(outcomes.filter(Boolean)).toEqual([]);
        }
        isLoading = false;
      })();
      while (isLoading) {
        await amendAll();
        // An embedded engine would not let go of the process, which the other needs.
        await setImmediate();
      }
      await loading;
      const before = [...told];
      const found = await rows(t, ...before);
      expect(found.map(row => row?.user_email)).toEqual(before.map(() => 'a@b.com'));
      await amendAll();
      expect(told.size).toBe(ROWS);
      await other.close();
    },
  );
}

/** A column that another transaction widens between the look at it and the write: PostgreSQL rounds what it was given without a word. */
import { expect, test } from '@jest/globals';
import type { AmendOutcome } from '../../../runtime/core/destinations.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import { eventually } from '../../support/eventually.ts';
import { onServer } from '../../support/warehouses/postgres.ts';
import { postgresPlace } from './postgres-place.ts';

const { url, sql, open } = postgresPlace('widened');
const LARGE = 2n ** 53n + 1n;

async function place(table: string) {
  const destination = await open({ misfits: { policy: 'auto', byColumn: new Map() } });
  const target = { table, primaryKeyFields: ['id'] };
  const load = async (event: Record<string, unknown>) =>
    await destination.load(within(), target, [{ event, version: nextVersion() }]);
  const amend = async (event: Record<string, unknown>, identity: Record<string, string>) => {
    const values = Object.entries(identity).map(([name, value]) => ({ path: [name], value }));
    const rows = [{ event, identity: values, version: nextVersion() }];
    return await destination.amend(within(), { ...target, conflict: 'fill' }, rows);
  };
  /** Does work that waits until the column is one of doubles. */
  const widenedDuring = async <T>(column: string, work: () => Promise<T>): Promise<T> =>
    await onServer(url(), async client => {
      await client.query('BEGIN');
      await client.query(`LOCK TABLE ${table} IN SHARE MODE`);
      const working = work();
      await eventually(async () => {
        const waiting = 'SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
        expect((await client.query(waiting, [table])).rows).toHaveLength(1);
      });
      await client.query(`ALTER TABLE ${table} ALTER COLUMN ${column} TYPE double precision`);
      await client.query('COMMIT');
      return await working;
    });
  const row = async (id: string) =>
    (await sql(`SELECT to_jsonb(t) - 'id' AS row FROM ${table} t WHERE id = '${id}'`))[0];
  return { load, amend, widenedDuring, row };
}

test('postgres - a large whole number of which the column loses digits meanwhile is beside its row alone', async () => {
  const { load, widenedDuring, row } = await place('rounded');
  await load({ id: 'a', n: 1, text: 'x' });
  expect(await widenedDuring('n', () => load({ id: 'b', n: LARGE, text: 'x' }))).toEqual([undefined]);
  expect(await row('b')).toEqual({ row: { n: null, text: 'x', _unmapped: { n: Number(LARGE) } } });
  expect(await sql("SELECT _unmapped->>'n' AS n FROM rounded WHERE id = 'b'")).toEqual([
    { n: String(LARGE) },
  ]);
});

test('postgres - a large whole number of which the column loses digits meanwhile is in no amended row, and what else is amended is told', async () => {
  const { load, amend, widenedDuring, row } = await place('amended');
  await load({ id: 'a', user_id: 1, email: 'a@x' });
  await load({ id: 'b' });
  const work = () => amend({ id: 'b' }, { user_id: String(LARGE), email: 'b@x' });
  const [outcome] = (await widenedDuring('user_id', work)) as [AmendOutcome];
  expect(outcome).toMatchObject({ state: 'amended', old: { email: null }, new: { email: 'b@x' } });
  expect(outcome).not.toHaveProperty('new.user_id');
  expect(await row('b')).toMatchObject({ row: { user_id: null, email: 'b@x' } });
});

test('postgres - numbers of a column that becomes one of text are written there as JavaScript writes them', async () => {
  const destination = await open({ misfits: { policy: 'widen', byColumn: new Map() } });
  const numbers = [
    0.5, -1e17, 9.223372036854776e18, 1e20, 1e21, 1.5e300, 123456.75, 1e-5, 0.000015, 1e-7, 5e-324,
  ];
  const load = async (...events: Record<string, unknown>[]) =>
    await destination.load(
      within(),
      { table: 'written', primaryKeyFields: ['id'] },
      events.map(event => ({ event, version: nextVersion() })),
    );
  await load(...numbers.map((n, at) => ({ id: String.fromCharCode(97 + at), n })));
  await load({ id: 'z', n: 'many' });
  expect(await sql('SELECT n FROM written ORDER BY id')).toEqual(
    [...numbers.map(String), 'many'].map(n => ({ n })),
  );
});

/** Columns of JSON and of lists, and names of tables that are there already, in PostgreSQL. */
import { expect, test } from '@jest/globals';
import type { Destination } from '../../../runtime/core/destinations.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import type { OpenOptions } from './postgres-place.ts';
import { postgresPlace } from './postgres-place.ts';

const { sql, open: openWith } = postgresPlace('json');
const open = (options: OpenOptions = {}) =>
  openWith({ misfits: { policy: 'auto', byColumn: new Map() }, ...options });

async function stored(destination: Destination, table: string, ...events: Record<string, unknown>[]) {
  const rows = events.map(event => ({ event, version: nextVersion() }));
  expect(await destination.load(within(), { table, primaryKeyFields: ['id'] }, rows)).toEqual(
    rows.map(() => undefined),
  );
}

test('postgres - an object goes whole into a jsonb column that is there or asked for, a list into a text[] column', async () => {
  await sql('CREATE TABLE whole (id text PRIMARY KEY, props jsonb, plain json, tags text[], ns bigint[])');
  await stored(
    await open(),
    'whole',
    { id: 'a', props: { a: 1, b: { c: [2n ** 60n] } }, plain: [1], tags: ['x', 'y"z', null], ns: [1, 2] },
    { id: 'b', props: 'text', plain: 7, tags: [], extra: { d: 1, __sql_type: 'jsonb' } },
    { id: 'c', more: { e: [1, { f: null }] }, __sql_type_more: 'json', props: { user: { email: 'x' } } },
  );
  expect(
    await sql(
      'SELECT id, props::text, plain::text, tags::text, ns::text, extra::text, more::text FROM whole ORDER BY id',
    ),
  ).toEqual([
    {
      id: 'a',
      props: '{"a": 1, "b": {"c": [1152921504606846976]}}',
      plain: '[1]',
      tags: '{x,"y\\"z",NULL}',
      ns: '{1,2}',
      extra: null,
      more: null,
    },
    { id: 'b', props: '"text"', plain: '7', tags: '{}', ns: null, extra: '{"d": 1}', more: null },
    {
      id: 'c',
      props: '{"user": {"email": "x"}}',
      plain: null,
      tags: null,
      ns: null,
      extra: null,
      more: '{"e":[1,{"f":null}]}',
    },
  ]);
});

test('postgres - whole numbers above 2^53 in a list keep their digits', async () => {
  await sql('CREATE TABLE lists (id text PRIMARY KEY, ns bigint[], tags text[])');
  const large = 2n ** 60n + 1n;
  await stored(await open(), 'lists', { id: 'a', ns: [1, large, null], tags: [large, { of: [large] }] });
  expect(await sql('SELECT ns::text, tags[1] AS one, tags[2] AS two FROM lists')).toEqual([
    { ns: `{1,${large},NULL}`, one: String(large), two: `{"of":[${large}]}` },
  ]);
});

test('postgres - a table whose columns an earlier build named goes on with them', async () => {
  await sql('CREATE TABLE older (id text PRIMARY KEY, ___ text, anonymousid text)');
  await stored(await open(), 'older', { id: 'a', имя: 'x', anonymousId: 'v' }, { id: 'b', anonymousId: 'w' });
  await stored(await open({ naming: 'snake' }), 'older', { id: 'c', anonymousId: 'z', sentAt: 1 });
  expect(await sql('SELECT * FROM older ORDER BY id')).toEqual([
    { id: 'a', ___: 'x', anonymousid: 'v', sent_at: null },
    { id: 'b', ___: null, anonymousid: 'w', sent_at: null },
    { id: 'c', ___: null, anonymousid: 'z', sent_at: '1' },
  ]);
});

test('postgres - with exact names a table with capitals is written as it is', async () => {
  await sql('CREATE TABLE exact (id text PRIMARY KEY, "userId" text, "e-mail" text)');
  const destination = await open({ naming: 'exact' });
  await stored(destination, 'exact', { id: 'a', userId: 'u', 'e-mail': 'a@b.com', user: { Name: 'n' } });
  const row = {
    event: { id: 'a' },
    version: nextVersion(),
    identity: [{ path: ['user', 'Name'], value: 'other' }],
  };
  await destination.amend(within(), { table: 'exact', primaryKeyFields: ['id'], conflict: 'overwrite' }, [
    row,
  ]);
  expect(await sql('SELECT * FROM exact')).toEqual([
    { id: 'a', userId: 'u', 'e-mail': 'a@b.com', user_Name: 'other' },
  ]);
});

test('postgres - a column of days becomes one of times when a time comes, and keeps its days', async () => {
  await sql('CREATE TABLE days (id text PRIMARY KEY, at date)');
  await stored(await open(), 'days', { id: 'a', at: '2024-01-02' });
  await stored(await open(), 'days', { id: 'b', at: '2024-01-02T03:04:05Z' }, { id: 'c', at: '2024-01-03' });
  expect(
    await sql("SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at FROM days ORDER BY id"),
  ).toEqual([
    { id: 'a', at: '2024-01-02 00:00' },
    { id: 'b', at: '2024-01-02 03:04' },
    { id: 'c', at: '2024-01-03 00:00' },
  ]);
});

test('postgres - a value that only the warehouse can judge goes beside its row, and the others stay in their columns', async () => {
  await sql('CREATE TABLE judged (id text PRIMARY KEY, mark uuid, small smallint, exact numeric(4,2))');
  await stored(
    await open(),
    'judged',
    { id: 'a', mark: 'none', small: 3, exact: 1.5 },
    { id: 'b', mark: '00000000-0000-4000-8000-000000000000', small: 70_000, exact: 12_345 },
  );
  expect(await sql('SELECT id, mark, small::text, exact::text, _unmapped FROM judged ORDER BY id')).toEqual([
    { id: 'a', mark: null, small: '3', exact: '1.50', _unmapped: { mark: 'none' } },
    {
      id: 'b',
      mark: '00000000-0000-4000-8000-000000000000',
      small: '70000',
      exact: null,
      _unmapped: { exact: 12_345 },
    },
  ]);
});

test('postgres - a query answers the columns of its statement, in their order, also where names are the same', async () => {
  await sql(
    'CREATE TABLE asked (n int, at timestamp)',
    `INSERT INTO asked VALUES (7, '2026-01-02 03:04:05')`,
  );
  const { query } = await open({ query: true });
  const columns = ['2', '1', 'a', 'a', 'at'];
  const alike = 'SELECT n AS "2", 1 AS "1", 3 AS a, NULL AS a, at FROM asked';
  expect(await query?.(within(), { sql: alike, rows: 9 })).toEqual({
    columns,
    rows: [[7, 1, 3, null, '2026-01-02T03:04:05']],
    truncated: false,
  });
  expect(await query?.(within(), { sql: `${alike} WHERE n = 8`, rows: 9 })).toEqual({
    columns,
    rows: [],
    truncated: false,
  });
});

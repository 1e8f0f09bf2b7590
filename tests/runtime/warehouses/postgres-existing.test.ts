/** What a PostgreSQL holds already: tables that somebody else made, rights that are missing, keys that are not there. */
import { expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import type { Destination } from '../../../runtime/core/destinations.ts';
import { openPostgres as openEngine } from '../../../runtime/warehouses/postgres/open.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { postgresPlace } from './postgres-place.ts';

const { as, port, sql, open } = postgresPlace('existing');

const load = (destination: Destination, table: string, ...events: Record<string, unknown>[]) =>
  destination.load(
    within(),
    { table, primaryKeyFields: ['id'] },
    events.map(event => ({ event, version: 1n })),
  );

const read = async (destination: Destination, table: string, ...ids: string[]) => {
  const rows = await destination.read(
    within(),
    { table, primaryKeyFields: ['id'] },
    ids.map(id => ({ id })),
  );
  return rows.map(row => row && { ...row });
};

test('postgres - a column that was made smaller since it was looked at costs no event', async () => {
  const destination = await open({ misfits: { policy: 'keep_aside', byColumn: new Map() } });
  expect(await load(destination, 'narrowed', { id: 'a', n: 1 })).toEqual([undefined]);
  await sql('ALTER TABLE narrowed ALTER n TYPE smallint');
  const errors = await load(destination, 'narrowed', { id: 'b', n: 70_000 }, { id: 'c', n: 2 });
  expect(errors).toEqual([undefined, undefined]);
  const rows = await read(destination, 'narrowed', 'a', 'b', 'c');
  expect(rows.map(row => row?.n ?? row?._unmapped)).toEqual([1, '{"n": 70000}', 2]);
});

test('postgres - writes to columns of types it would not have made itself, and reads them', async () => {
  await sql(
    `CREATE TABLE typed (id varchar(8) PRIMARY KEY, small smallint, whole int, exact numeric(10,2), day date,
      local timestamp(3), data jsonb, list text[], mark uuid, short varchar(3), fixed char(3), flags bit(3), r real)`,
  );
  const destination = await open();
  const good = {
    id: 'a',
    small: 1,
    whole: 2,
    exact: 3.25,
    day: '2026-01-02',
    local: '2026-01-02T03:04:05+02:00',
    data: [1, { a: 2 }],
    list: '{a,b}',
    mark: '00000000-0000-4000-8000-000000000000',
    short: 'äöü',
    fixed: 'xyz',
    flags: '101',
    r: 0.1,
  };
  const bad: [string, unknown][] = [
    ['small', 40_000],
    ['whole', 2 ** 31],
    ['exact', 'much'],
    ['exact', 1e20],
    ['day', 'someday'],
    ['local', '2026-01-32'],
    ['data', '{'],
    ['mark', 'x'],
    ['short', 'long'],
    ['fixed', 'long'],
    ['flags', '1010'],
  ];
  const outcomes = await load(
    destination,
    'typed',
    good,
    ...bad.map(([column, value], at) => ({ id: `x${at}`, [column]: value })),
  );
  expect(outcomes[0]).toBeUndefined();
  for (const [at, [column]] of bad.entries()) {
    const error = outcomes[at + 1];
    expect([column, error?.code, error?.retryable ?? false]).toEqual([column, 'WAREHOUSE_ERROR', false]);
    expect(error?.details).not.toHaveProperty('rows');
  }
  const told = bad.map(([column], at) => outcomes[at + 1]?.details.column === column);
  // Of a value that its column's length refuses, and not its type, PostgreSQL does not say the column.
  expect(told.filter(Boolean).length).toBeGreaterThanOrEqual(8);
  const all = await read(destination, 'typed', 'a', ...bad.map((_, at) => `x${at}`));
  expect(all[0]).toEqual({
    ...good,
    exact: '3.25',
    local: '2026-01-02T01:04:05Z',
    data: '[1, {"a": 2}]',
  });
  expect(all.slice(1).filter(Boolean)).toEqual([]);
});

test('postgres - amends and restores columns of such types', async () => {
  await sql('CREATE TABLE amended (id int PRIMARY KEY, user_id int, user_email varchar(20), user_data json)');
  await sql(`INSERT INTO amended VALUES (1, NULL, NULL, NULL), (2, 5, 'x@b.com', '{}')`);
  const destination = await open();
  const target = { table: 'amended', primaryKeyFields: ['id'], conflict: 'overwrite' as const };
  const identity = [
    { path: ['user', 'id'], value: '7' },
    { path: ['user', 'email'], value: 'a@b.com' },
    { path: ['user', 'data'], value: '{"a":1}' },
  ];
  const outcomes = await destination.amend(
    within(),
    target,
    [1, 2].map(id => ({ event: { id }, version: 1n, identity })),
  );
  expect(outcomes.map(({ state }) => state)).toEqual(['amended', 'amended']);
  const [, second] = outcomes;
  if (second?.state !== 'amended') throw new Error('not amended');
  expect({ ...second.old }).toEqual({ user_id: 5, user_email: 'x@b.com', user_data: '{}' });
  const columns = Object.fromEntries(
    Object.entries(second.new).map(([name, from]) => [name, { from, to: second.old[name] ?? null }]),
  );
  expect(
    await destination.restore(within(), [{ table: 'amended', key: second.key, columns, version: 1n }]),
  ).toEqual([true]);
  expect(await sql('SELECT * FROM amended ORDER BY id')).toEqual([
    { id: 1, user_id: 7, user_email: 'a@b.com', user_data: { a: 1 } },
    { id: 2, user_id: 5, user_email: 'x@b.com', user_data: {} },
  ]);
});

test('postgres - a table without a unique key says how to add one, and works once it is there', async () => {
  await sql('CREATE TABLE keyless (id text, n bigint)');
  const destination = await open();
  const error = await load(destination, 'keyless', { id: 'a', n: 1 }).catch((it: PackError) => it);
  expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR' });
  const [statement = ''] = /ALTER TABLE .*/.exec((error as PackError).message) ?? [];
  expect(statement).toBe('ALTER TABLE "public"."keyless" ADD PRIMARY KEY ("id")');
  await sql(statement);
  expect(await load(destination, 'keyless', { id: 'a', n: 1 })).toEqual([undefined]);
});

test('postgres - a table that cannot be used costs only its events where there are others', async () => {
  await sql('CREATE TABLE unusable (id text)');
  const destination = await open();
  const outcomes = await load(destination, 'usable', { id: 'a' }, { id: 'b', JITSU_TABLE_NAME: 'unusable' });
  expect(outcomes[0]).toBeUndefined();
  expect(outcomes[1]?.message).toContain('has no primary key or unique index over id');
});

test('postgres - constraints of the table cost only the event that breaks them', async () => {
  await sql(
    'CREATE TABLE strict (id text PRIMARY KEY, n bigint CHECK (n > 0), needed text NOT NULL, own text UNIQUE)',
  );
  const destination = await open();
  const outcomes = await load(
    destination,
    'strict',
    { id: 'a', n: 1, needed: 'x', own: 'a' },
    { id: 'b', n: -1, needed: 'x' },
    { id: 'c', n: 1 },
    { id: 'd', n: 1, needed: 'x', own: 'a' },
    { id: 'e', n: 2, needed: 'y', xmin: 1 },
    { id: 'f', n: 2, needed: 'y' },
  );
  expect(outcomes.map(error => error && (error.details.column ?? error.details.constraint))).toEqual([
    undefined,
    'strict_n_check',
    'needed',
    'strict_own_key',
    'xmin',
    undefined,
  ]);
});

test('postgres - a column that was altered takes what it was altered for, without a restart', async () => {
  const destination = await open();
  expect(await load(destination, 'altered', { id: 'a', n: 1 })).toEqual([undefined]);
  await sql('ALTER TABLE altered ALTER n TYPE text');
  await new Promise(resolve => setTimeout(resolve, 1_001));
  expect(await load(destination, 'altered', { id: 'b', n: 'x' })).toEqual([undefined]);
});

test('postgres - missing rights are told with the statement that grants them', async () => {
  await sql(
    'CREATE ROLE reader LOGIN',
    'CREATE TABLE guarded (id text PRIMARY KEY)',
    'GRANT SELECT ON guarded TO reader',
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
  );
  const destination = await open({ at: as('reader'), table: 'guarded' });
  const findings = await destination.check(within());
  expect(findings.filter(({ ok }) => !ok).map(({ detail }) => detail)).toEqual([
    'GRANT INSERT, UPDATE ON "public"."guarded" TO "reader"',
  ]);
  await expect(load(destination, 'guarded', { id: 'a' })).rejects.toMatchObject({
    code: 'WAREHOUSE_ERROR',
    message: expect.stringContaining('permission denied for table guarded'),
  });
});

const AWAY: [what: string, url: (port: number) => string, code: string][] = [
  ['nobody listens', () => 'postgres://u:hunter2@127.0.0.1:1/x', 'UNAVAILABLE'],
  ['the host has no address', () => 'postgres://u:hunter2@no-such-host.invalid/x', 'UNAVAILABLE'],
  [
    'the database is not there',
    port => `postgres://kvflow:hunter2@127.0.0.1:${port}/gone`,
    'WAREHOUSE_ERROR',
  ],
  [
    'the user is not there',
    port => `postgres://nobody:hunter2@127.0.0.1:${port}/existing`,
    'WAREHOUSE_ERROR',
  ],
  [
    'the server speaks no TLS',
    port => `postgres://kvflow:hunter2@127.0.0.1:${port}/existing?sslmode=require`,
    'UNAVAILABLE',
  ],
  [
    'a certificate is not there',
    port => `postgres://kvflow:hunter2@127.0.0.1:${port}/existing?sslmode=verify-full&sslrootcert=/gone.pem`,
    'WAREHOUSE_ERROR',
  ],
];

test.each(AWAY)('postgres - where %s, the call fails and shows no password', async (_what, at, code) => {
  const destination = await open({ at: at(port()) });
  const error = await load(destination, 't', { id: 'a' }).catch((it: PackError) => it);
  expect(error).toMatchObject({ code });
  expect(JSON.stringify([(error as PackError).message, (error as PackError).details])).not.toContain(
    'hunter2',
  );
});

test('postgres - a server that cannot be reached is told with what to look at', async () => {
  for (const at of ['127.0.0.1:1', 'no-such-host.invalid']) {
    const error = await load(await open({ at: `postgres://u:hunter2@${at}/x` }), 't', { id: 'a' }).catch(
      (it: PackError) => it,
    );
    expect((error as PackError).message).toMatch(/cannot be reached \(.*\).*host and port/);
  }
});

test('postgres - a url that is none is refused without being shown', async () => {
  for (const bad of [undefined, 'hunter2', 'mysql://u:hunter2@h/d', 'postgres://u:hunter2@h:port/d']) {
    const error = await openEngine({ url: bad }).catch((it: PackError) => it);
    expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR', message: expect.not.stringContaining('hunter2') });
  }
});

test('postgres - connections that the server ended are made anew', async () => {
  const destination = await open();
  await load(destination, 'ended', { id: 'a' });
  await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kvflow'");
  // The first may still be handed a connection whose end has not arrived.
  await load(destination, 'ended', { id: 'b' }).catch(error =>
    expect(error).toMatchObject({ code: 'UNAVAILABLE' }),
  );
  expect(await load(destination, 'ended', { id: 'c' })).toEqual([undefined]);
});

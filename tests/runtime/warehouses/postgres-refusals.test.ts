/** Statements that PostgreSQL refuses for one of their rows: it is found, and the others are stored by the same call. */
import { beforeAll, expect, test } from '@jest/globals';
import type { Destination } from '../../../runtime/core/destinations.ts';
import { createPool } from '../../../runtime/warehouses/postgres/pool.ts';
import { createRedshiftEngine } from '../../../runtime/warehouses/redshift/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import { guardRedshift } from '../../support/warehouses/redshift-guard.ts';
import { postgresPlace } from './postgres-place.ts';

const { as, sql, open: openAt } = postgresPlace('refusals');
const open = (user?: string) => openAt(user ? { at: as(user, 'w') } : {});

beforeAll(async () => {
  await sql("CREATE ROLE writer LOGIN PASSWORD 'w'", 'GRANT USAGE ON SCHEMA public TO writer');
});

/** Which of the events were refused, and what was said of them. */
async function refused(destination: Destination, table: string, ...events: Record<string, unknown>[]) {
  const outcomes = await destination.load(
    within(),
    { table, primaryKeyFields: ['id'] },
    events.map(event => ({ event, version: nextVersion() })),
  );
  return outcomes.flatMap((error, at) => (error ? [[at, error.code, error.message]] : []));
}

const ids = (table: string) => sql(`SELECT string_agg(id, '' ORDER BY id) AS ids FROM ${table}`);

test('postgres - a value for a generated or an identity column costs only its event', async () => {
  await sql(
    'CREATE TABLE computed (id text PRIMARY KEY, seq bigint GENERATED ALWAYS AS IDENTITY, n bigint, twice bigint GENERATED ALWAYS AS (n * 2) STORED)',
  );
  const found = await refused(
    await open(),
    'computed',
    { id: 'a', n: 1 },
    { id: 'b', seq: 5 },
    { id: 'c' },
    { id: 'd', twice: 9 },
    { id: 'e', n: 3 },
  );
  expect(found).toEqual([
    [1, 'WAREHOUSE_ERROR', expect.stringContaining('"seq"')],
    [3, 'WAREHOUSE_ERROR', expect.stringContaining('"twice"')],
  ]);
  expect(await ids('computed')).toEqual([{ ids: 'ace' }]);
});

test.each(['40001', '08006', 'P0001', '42501', '57014', 'ZZ999'])(
  'postgres - what a trigger raises with code %s costs only its event',
  async code => {
    const table = `raising_${code.toLowerCase()}`;
    await sql(
      `CREATE TABLE ${table} (id text PRIMARY KEY)`,
      `CREATE FUNCTION ${table}() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF NEW.id = 'b' THEN RAISE EXCEPTION 'b is not wanted' USING ERRCODE = '${code}'; END IF; RETURN NEW; END $$`,
      `CREATE TRIGGER raising BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}()`,
    );
    const found = await refused(await open(), table, { id: 'a' }, { id: 'b' }, { id: 'c' });
    expect(found).toEqual([[1, 'WAREHOUSE_ERROR', expect.stringContaining('b is not wanted')]]);
    expect(await ids(table)).toEqual([{ ids: 'ac' }]);
  },
);

test('postgres - a row that row-level security refuses costs only its event', async () => {
  await sql(
    'CREATE TABLE secured (id text PRIMARY KEY, tenant text)',
    'ALTER TABLE secured ENABLE ROW LEVEL SECURITY',
    "CREATE POLICY ours ON secured USING (true) WITH CHECK (tenant = 'ours')",
    'GRANT SELECT, INSERT, UPDATE ON secured TO writer',
  );
  const events = ['ours', 'theirs', 'ours'].map((tenant, at) => ({ id: 'abc'[at], tenant }));
  expect(await refused(await open('writer'), 'secured', ...events)).toEqual([
    [1, 'WAREHOUSE_ERROR', expect.anything()],
  ]);
  expect(await ids('secured')).toEqual([{ ids: 'ac' }]);
});

test('postgres - without the right to add columns only the events that need one are refused', async () => {
  await sql(
    'CREATE TABLE fixed (id text PRIMARY KEY, n bigint)',
    'GRANT SELECT, INSERT, UPDATE ON fixed TO writer',
  );
  const events = [{ id: 'a', n: 1 }, { id: 'b', more: 2 }, { id: 'c' }];
  expect(await refused(await open('writer'), 'fixed', ...events)).toEqual([
    [1, 'WAREHOUSE_ERROR', expect.stringContaining('grant')],
  ]);
  expect(await ids('fixed')).toEqual([{ ids: 'ac' }]);
});

test('redshift (PostgreSQL behind a guard) - without the right to add columns only the events that need one are refused', async () => {
  await sql(
    'CREATE TABLE shifted (id varchar(64) PRIMARY KEY, n bigint)',
    'GRANT SELECT, INSERT, UPDATE ON shifted TO writer',
  );
  const runner = guardRedshift(createPool({ url: as('writer', 'w') }));
  const engine = createRedshiftEngine({ runner, schema: 'public' });
  const loader = createLoader({
    name: 'w',
    type: 'redshift',
    engine,
    locked: (_call, _names, work) => work(),
  });
  const events = [{ id: 'a', n: 1 }, { id: 'b', more: 2 }, { id: 'c' }];
  expect(await refused(loader, 'shifted', ...events)).toEqual([
    [1, 'WAREHOUSE_ERROR', expect.stringContaining('grant')],
  ]);
  expect(await ids('shifted')).toEqual([{ ids: 'ac' }]);
  await loader.close();
});

test('postgres - a table that may not be written fails the call: nothing of it was stored', async () => {
  await sql('CREATE TABLE readonly (id text PRIMARY KEY)', 'GRANT SELECT ON readonly TO writer');
  await expect(refused(await open('writer'), 'readonly', { id: 'a' }, { id: 'b' })).rejects.toMatchObject({
    code: 'WAREHOUSE_ERROR',
    message: expect.stringContaining('grant'),
  });
});

test('postgres - an event of more fields than a table can have columns costs only itself', async () => {
  const wide = Object.fromEntries(Array.from({ length: 1_700 }, (_, n) => [`f${n}`, n]));
  const found = await refused(await open(), 'wide', { id: 'a' }, { id: 'b', ...wide }, { id: 'c' });
  expect(found).toEqual([[1, 'WAREHOUSE_ERROR', expect.anything()]]);
  expect(await ids('wide')).toEqual([{ ids: 'ac' }]);
});

test('postgres - a query reads and cannot write, whatever it says', async () => {
  await sql(
    'CREATE TABLE asked (id text PRIMARY KEY, n bigint)',
    "INSERT INTO asked VALUES ('a', 9007199254740993), ('b', 2)",
  );
  const loader = await openAt({ query: true });
  const ask = (text: string, rows = 10) => loader.query?.(within(), { sql: text, rows });
  expect(await ask('SELECT id, n, 0.5 AS half FROM asked ORDER BY id')).toEqual({
    columns: ['id', 'n', 'half'],
    rows: [
      ['a', '9007199254740993', 0.5],
      ['b', 2, 0.5],
    ],
    truncated: false,
  });
  expect(await ask('SELECT id FROM asked ORDER BY id', 1)).toMatchObject({ rows: [['a']], truncated: true });
  for (const text of [
    'SELECT 1) AS q; COMMIT; DELETE FROM asked; --',
    'WITH gone AS (DELETE FROM asked RETURNING id) SELECT id FROM gone',
    "SELECT set_config('transaction_read_only', 'off', true), 1) AS q, (DELETE FROM asked",
    'DELETE FROM asked',
  ])
    await expect(ask(text)).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' });
  expect(await ids('asked')).toEqual([{ ids: 'ab' }]);
});

test('postgres - check passes a role that may only write to the table that is there, and says which policies are in force', async () => {
  await sql(
    'CREATE TABLE least (id text PRIMARY KEY)',
    'GRANT SELECT, INSERT, UPDATE ON least TO writer',
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
  );
  const loader = await openAt({
    at: as('writer', 'w'),
    table: 'least',
    misfits: { policy: 'auto', byColumn: new Map([['price', 'refuse']]) },
  });
  const findings = await loader.check(within());
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.map(({ detail }) => detail)).toEqual(
    expect.arrayContaining([
      'public: without the right to create further tables',
      'least: 1 columns, none can be added: it belongs to another role',
      'misfits auto, "price" refuse; naming plain; queries off',
    ]),
  );
});

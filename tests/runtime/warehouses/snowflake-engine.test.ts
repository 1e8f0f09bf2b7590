/** What Snowflake's engine does beyond the suite: against a stand-in of its protocol, with the real snowflake-sdk. */
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Cell, Cells } from '../../../runtime/core/destinations.ts';
import type { AmendBatch, Batch, Engine, Table } from '../../../runtime/warehouses/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import type { Locked } from '../../../runtime/warehouses/shared/lock.ts';
import { openSnowflake } from '../../../runtime/warehouses/snowflake/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { PATIENCE } from '../../support/patience.ts';
import { startSnowflake } from '../../support/warehouses/snowflake.ts';

const server = forAll(startSnowflake);
let url: string;
let engine: Engine;

beforeAll(() => atLast(() => engine.close()));
beforeEach(async () => {
  await engine?.close();
  server.denied.clear();
  url = await server.database('shop');
  engine = await openSnowflake({ url });
});

const within = (ms = 5_000 * PATIENCE) => ({ deadline: Date.now() + ms });
const sql = (text: string) => server.sql('shop', text);

/** The table as the engine sees it. */
async function found(name: string): Promise<Table> {
  const table = await engine.describe(within(), name);
  if (!table) throw new Error(`no table ${name}`);
  return table;
}

/** Rows as a batch, keyed by `id`. */
function batch(table: Table, rows: Record<string, Cell>[]): Batch {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))];
  return {
    table,
    primaryKey: ['id'],
    columns: names.flatMap(name => table.columns.get(name) ?? []),
    values: names.map(name => rows.map(row => row[name] ?? null)),
    versions: rows.map(() => 1n),
    rows: rows.length,
  };
}

function amendment(table: Table, rows: Record<string, Cell>[]): AmendBatch {
  const identity = [...new Set(rows.flatMap(row => Object.keys(row)))].filter(name => name !== 'id');
  return { ...batch(table, rows), identity, conflict: 'fill', empty: new Set() };
}

const read = async (table: Table, ...ids: string[]) =>
  (
    await engine.read(
      within(),
      table,
      ids.map(id => ({ id }) as Cells),
    )
  ).map(row => row && { ...row });

test('snowflake - a table made by kvflow is found without quotes: names are upper case there', async () => {
  await engine.createTable(within(), 'page_views', [{ name: 'id', kind: 'text' }], ['id']);
  expect(await sql('SELECT id FROM page_views')).toEqual([]);
  expect((await found('PAGE_VIEWS')).columns.get('id')).toMatchObject({ identifier: 'ID' });
  expect((await found('Page_Views')).primaryKey).toEqual(['id']);
});

test('snowflake - existing tables and columns with quoted lower-case names are used as they are', async () => {
  await sql('CREATE TABLE "events" ("id" TEXT NOT NULL, "email" TEXT, "PLAN" TEXT, "Mixed" TEXT)');
  const table = await found('events');
  expect([...table.columns.keys()]).toEqual(['id', 'email', 'plan', 'Mixed']);
  await engine.upsert(within(), batch(table, [{ id: 'a', email: 'a@b.com', plan: 'free' }]));
  await engine.addColumns(within(), 'events', [{ name: 'country', kind: 'text' }]);
  expect(await sql('SELECT "id", "email", PLAN, COUNTRY FROM "events"')).toEqual([
    ['a', 'a@b.com', 'free', null],
  ]);
});

test('snowflake - of "user_id" and "USER_ID" in one table the upper-case one is meant', async () => {
  await sql('CREATE TABLE EVENTS ("ID" TEXT, "user_id" TEXT, "USER_ID" TEXT)'.replace('EVENTS', '"EVENTS"'));
  const table = await found('events');
  await engine.upsert(within(), batch(table, [{ id: 'a', user_id: 'u1' }]));
  expect(await sql('SELECT "user_id", "USER_ID" FROM "EVENTS"')).toEqual([[null, 'u1']]);
});

test('snowflake - times keep their microseconds in every kind of timestamp, and are refused where they would not', async () => {
  await sql(
    'CREATE TABLE "T" ("ID" TEXT, "TZ" TIMESTAMP_TZ(6), "NTZ" TIMESTAMP_NTZ(9), "LTZ" TIMESTAMP_LTZ(6), "S" TIMESTAMP_NTZ(0))',
  );
  const table = await found('t');
  const time = '2026-01-02T03:04:05.123456Z';
  await engine.upsert(
    within(),
    batch(table, [{ id: 'a', tz: time, ntz: time, ltz: time, s: '2026-01-02T03:04:05Z' }]),
  );
  expect(await read(table, 'a')).toEqual([
    { id: 'a', tz: time, ntz: time, ltz: time, s: '2026-01-02T03:04:05Z' },
  ]);
  const [column, exact] = [table.columns.get('s'), table.columns.get('ntz')];
  expect(column && engine.refuse?.(column, time)).toContain('6 digits after the second');
  expect(exact && engine.refuse?.(exact, time)).toBeUndefined();
});

test('snowflake - a VARIANT gets JSON as JSON and text as text; a number with a scale is written and read exactly', async () => {
  await sql('CREATE TABLE "T" ("ID" TEXT, "V" VARIANT, "PRICE" NUMBER(12,2))');
  const table = await found('t');
  await engine.upsert(
    within(),
    batch(table, [
      { id: 'a', v: '{"a":[1]}', price: '12345678.25' },
      { id: 'b', v: 'plain' },
    ]),
  );
  expect(await read(table, 'a', 'b')).toEqual([
    { id: 'a', v: '{"a":[1]}', price: '12345678.25' },
    { id: 'b', v: 'plain', price: null },
  ]);
});

test('snowflake - 1,000 rows are one statement with one bind to load, and two to amend', async () => {
  await engine.createTable(
    within(),
    't',
    [
      { name: 'email', kind: 'text' },
      { name: 'id', kind: 'text' },
    ],
    ['id'],
  );
  const table = await found('t');
  const rows = Array.from({ length: 1_000 }, (_, i) => ({ id: `e${i}`, email: 'a@b.com' }));
  const count = async (work: () => Promise<unknown>) => {
    const before = server.statements('shop');
    await work();
    return server.statements('shop') - before;
  };
  expect(
    await count(() =>
      engine.upsert(
        within(),
        batch(
          table,
          rows.map(({ id }) => ({ id })),
        ),
      ),
    ),
  ).toBe(1);
  expect(server.log.at(-1)?.match(/\?/g)).toHaveLength(1);
  expect(await count(() => engine.amend(within(), amendment(table, rows)))).toBe(2);
  expect(await count(() => engine.amend(within(), amendment(table, rows)))).toBe(1);
});

test('snowflake - a row that another changes in between is judged anew, and the old value told is the other one', async () => {
  await sql('CREATE TABLE "T" ("ID" TEXT, "EMAIL" TEXT, "PLAN" TEXT)');
  await sql(`INSERT INTO "T" ("ID") VALUES ('a')`);
  await sql(`INSERT INTO "T" ("ID") VALUES ('b')`);
  const table = await found('t');
  const release = server.hold();
  const before = server.log.length;
  const amending = engine.amend(
    within(),
    amendment(table, [
      { id: 'a', email: 'a@b.com' },
      { id: 'b', email: 'a@b.com' },
    ]),
  );
  server.afterNext(async () => {
    await sql(`UPDATE "T" SET "EMAIL" = 'other@b.com' WHERE "ID" = 'a'`);
  });
  release();
  expect(await amending).toEqual(['unchanged', { old: expect.objectContaining({ email: null }) }]);
  expect(server.log.length - before).toBe(3);
  expect(await sql('SELECT "ID", "EMAIL" FROM "T" ORDER BY "ID"')).toEqual([
    ['a', 'other@b.com'],
    ['b', 'a@b.com'],
  ]);
});

test('snowflake - a key that has several rows, as no key is enforced, has all of them amended', async () => {
  await sql('CREATE TABLE "T" ("ID" TEXT, "EMAIL" TEXT)');
  for (const email of ['NULL', 'NULL', `'x@b.com'`])
    await sql(`INSERT INTO "T" ("ID", "EMAIL") VALUES ('a', ${email})`);
  const table = await found('t');
  const [outcome] = await engine.amend(within(), amendment(table, [{ id: 'a', email: 'a@b.com' }]));
  expect(outcome).toMatchObject({ old: { email: null } });
  expect(await sql('SELECT "EMAIL" FROM "T" ORDER BY "EMAIL"')).toEqual([
    ['a@b.com'],
    ['a@b.com'],
    ['x@b.com'],
  ]);
});

test('snowflake - a statement the call has no time for is cancelled, and the next call works', async () => {
  const release = server.hold();
  const { cancelled } = server.seen;
  await expect(engine.describe(within(300), 't')).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
  await eventually(() => expect(server.seen.cancelled).toBe(cancelled + 1));
  release();
  expect(await engine.describe(within(), 't')).toBeUndefined();
});

test('snowflake - a session that Snowflake ended is replaced without the caller noticing', async () => {
  expect(await engine.describe(within(), 't')).toBeUndefined();
  const { logins } = server.seen;
  server.endSessions();
  expect(await engine.describe(within(), 't')).toBeUndefined();
  expect(server.seen.logins).toBe(logins + 1);
});

test('snowflake - many calls at once share few sessions', async () => {
  const { logins } = server.seen;
  await Promise.all(Array.from({ length: 30 }, () => engine.describe(within(), 't')));
  expect(server.seen.logins - logins).toBeLessThanOrEqual(4);
});

test('snowflake - an answer about a value names no value, and says that rows are at fault', async () => {
  await sql('CREATE TABLE "T" ("ID" VARCHAR(3))');
  const table = await found('t');
  const error = engine.upsert(within(), batch(table, [{ id: 'too long' }]));
  await expect(error).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR', details: { rows: true } });
  await expect(error).rejects.not.toMatchObject({
    message: expect.stringContaining('too long and') && expect.stringContaining("'too"),
  });
});

test('snowflake - check tells each permission that lacks, and what to do', async () => {
  await sql('CREATE TABLE "T" ("ID" TEXT NOT NULL, PRIMARY KEY ("ID"))');
  const table = await found('t');
  expect((await engine.check(within(), table)).filter(({ ok }) => !ok)).toEqual([]);
  server.denied.add('UPDATE').add('ALTER');
  const findings = await engine.check(within(), table);
  expect(findings.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual(['update']);
  expect(findings.find(({ what }) => what === 'update')?.detail).toContain('Insufficient privileges');
  expect(findings.find(({ what }) => what === 'alter table')?.detail).toContain('not allowed');
  server.denied.add('CREATE');
  expect((await engine.check(within(), undefined)).at(-1)).toMatchObject({ what: 'create table', ok: false });
  expect(await sql('SELECT COUNT("ID") FROM "T"')).toEqual([[0n]]);
});

test('snowflake - without the right to add columns only the events that need one are refused (stand-in)', async () => {
  await sql('CREATE TABLE "FIXED" ("ID" TEXT NOT NULL, "N" NUMBER, PRIMARY KEY ("ID"))');
  server.denied.add('ALTER');
  const locked: Locked = (_call, _names, work) => work();
  const loader = createLoader({ name: 'w', type: 'snowflake', engine, locked });
  const rows = [{ id: 'a', n: 1 }, { id: 'b', more: 2 }, { id: 'c' }].map(event => ({ event, version: 1n }));
  const outcomes = await loader.load(within(), { table: 'fixed', primaryKeyFields: ['id'] }, rows);
  expect(outcomes.map(error => error && [error.code, error.details.column])).toEqual([
    undefined,
    ['WAREHOUSE_ERROR', 'more'],
    undefined,
  ]);
  expect(await sql('SELECT "ID" FROM "FIXED" ORDER BY "ID"')).toEqual([['a'], ['c']]);
});

test('snowflake - check says when there is no warehouse or no schema', async () => {
  const bare = new URL(url);
  bare.searchParams.delete('warehouse');
  const without = await openSnowflake({ url: bare.href, schema: 'nowhere' });
  const findings = await without.check(within(), undefined);
  expect(findings.map(({ what, ok }) => [what, ok])).toEqual([
    ['connection', true],
    ['warehouse', false],
    ['schema', false],
  ]);
  await without.close();
});

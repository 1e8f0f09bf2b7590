/** Statements that are transactions by themselves, and that those of one call have a connection together. */
import { beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createPostgresEngine } from '../../../runtime/warehouses/postgres/engine.ts';
import { createPool } from '../../../runtime/warehouses/postgres/pool.ts';
import type { Runner } from '../../../runtime/warehouses/postgres/session.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import { eventually } from '../../support/eventually.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { onServer, startPostgres } from '../../support/warehouses/postgres.ts';

let url: string;
let runner: Runner;

const postgres = forAll(() => startPostgres(), 60_000);

beforeAll(async () => {
  url = await postgres.database('statements');
  runner = createPool({ url, size: 3 });
  atLast(() => runner.close());
  await sql('CREATE TABLE t (id text PRIMARY KEY, n int CHECK (n < 100))');
}, 60_000);

const sql = (text: string) => onServer(url, async client => (await client.query(text)).rows);
const PID = 'SELECT pg_backend_pid()::text';

test('statements of one call share a connection, and calls have different ones', async () => {
  const [one, other] = [within(), within()];
  const pids = await Promise.all([one, one, one, other].map(call => runner.each(call).query(PID)));
  const [a, b, c, d] = pids.flat(2);
  expect([b, c]).toEqual([a, a]);
  expect(d).not.toBe(a);
});

test('they are sent before the one in front is answered, and run one after the other', async () => {
  const call = within();
  const slow = runner.each(call).query("SELECT pg_sleep(0.2), set_config('kvflow.mark', 'slow', false)");
  const next = runner.each(call).query("SELECT current_setting('kvflow.mark', true)");
  const order: string[] = [];
  await Promise.all([slow.then(() => order.push('slow')), next.then(() => order.push('next'))]);
  expect(order).toEqual(['slow', 'next']);
  expect(await next).toEqual([['slow']]);
});

test('one that fails is rolled back, tells its own error, and costs the others nothing', async () => {
  const call = within();
  const results = await Promise.allSettled([
    runner.each(call).query("INSERT INTO t VALUES ('a', 1)"),
    runner.each(call).query("INSERT INTO t VALUES ('b', 2), ('c', 200)"),
    runner.each(call).query("INSERT INTO t VALUES ('d', 3)"),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { code: '23514' } });
  expect(await sql('SELECT id FROM t ORDER BY id')).toEqual([{ id: 'a' }, { id: 'd' }]);
  expect(await runner.each(call).query('SELECT 1::text')).toEqual([['1']]);
});

test('a connection that is lost fails those on it, and the next statement gets another', async () => {
  const call = within();
  const waiting = [1, 2].map(() => runner.each(call).query('SELECT pg_sleep(20)'));
  const both = Promise.allSettled(waiting);
  await eventually(async () => {
    const ended = await sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep(20)'",
    );
    expect(ended).toHaveLength(1);
  });
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await runner.each(call).query('SELECT 1::text')).toEqual([['1']]);
});

test('past the deadline all end, no connection is kept, and the server stops too', async () => {
  const holder = new pg.Client(url);
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query("SELECT FROM t WHERE id = 'a' FOR UPDATE");
  const call = within(300);
  const stuck = ['a', 'd', 'a'].map(id => runner.each(call).query(`UPDATE t SET n = 7 WHERE id = '${id}'`));
  // Where the server gives up first, the second may still be done in time.
  const [first, , third] = await Promise.allSettled(stuck);
  expect([first?.status, third?.status]).toEqual(['rejected', 'rejected']);
  await holder.query('ROLLBACK');
  await holder.end();
  await eventually(async () => {
    const active =
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'kvflow' AND query LIKE 'UPDATE t%'";
    expect(await sql(`${active} AND state = 'active'`)).toEqual([]);
  });
  // As many as the pool has at most.
  const again = await Promise.all([1, 2, 3].map(() => runner.each(within()).query(PID)));
  expect(new Set(again.flat(2)).size).toBe(3);
});

/** A server that returns what a row held, and one that does not. */
const VERSIONS = [undefined, 150_000];

test.each(VERSIONS)(
  'a row that comes meanwhile and cannot be amended does not hide what was changed before (%s)',
  async version => {
    await sql('DROP TABLE IF EXISTS late');
    await sql('CREATE TABLE late (id text PRIMARY KEY, email text)');
    await sql("INSERT INTO late VALUES ('a', NULL), ('b', 'b@b.com')");
    let updates = 0;
    const disturbed: Runner = {
      ...runner,
      each: call => ({
        query: async (text, binds) => {
          if (text.startsWith('WITH done')) updates += 1;
          if (text.startsWith('SELECT string_agg')) {
            await sql("ALTER TABLE late ADD CHECK (email <> 'x@b.com') NOT VALID");
            await sql("UPDATE late SET email = NULL WHERE id = 'b'");
          }
          return await runner.each(call).query(text, binds);
        },
      }),
    };
    const outcomes = await amend({ runner: disturbed, version }, 'late', ['a', 'b']);
    // Of b more than its key is asked for: so it is tried once more, and then told.
    expect(outcomes).toMatchObject([{ state: 'amended', old: { email: null } }, { state: 'missing' }]);
    expect(updates).toBe(2);
  },
);

test.each(VERSIONS)(
  'what a row held is what was replaced, also where another changes it while it is waited for (%s)',
  async version => {
    await sql('DROP TABLE IF EXISTS raced');
    await sql('CREATE TABLE raced (id text PRIMARY KEY, email text)');
    await sql("INSERT INTO raced VALUES ('a', NULL), ('b', NULL), ('c', 'c@b.com')");
    const other = new pg.Client(url);
    await other.connect();
    await other.query('BEGIN');
    await other.query("UPDATE raced SET email = 'nobody' WHERE id = 'b'");
    await other.query("UPDATE raced SET email = NULL WHERE id = 'c'");
    const amending = amend({ runner, version }, 'raced', ['a', 'b', 'c', 'd']);
    await eventually(async () => {
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'WITH done%'";
      expect(await sql(waiting)).toHaveLength(1);
    });
    await other.query('COMMIT');
    await other.end();
    expect(await amending).toMatchObject([
      { state: 'amended', old: { email: null } },
      { state: 'amended', old: { email: 'nobody' } },
      { state: 'amended', old: { email: null } },
      { state: 'missing' },
    ]);
    const mine = ['a', 'b', 'c'].map(id => ({ id, email: 'x@b.com' }));
    expect(await sql('SELECT * FROM raced ORDER BY id')).toEqual(mine);
  },
);

test.each(VERSIONS)(
  'a row that a trigger keeps as it is counts as unchanged, and others as they were at first (%s)',
  async version => {
    await sql('DROP TABLE IF EXISTS kept');
    await sql('CREATE TABLE kept (id text PRIMARY KEY, email text)');
    await sql("INSERT INTO kept VALUES ('a', NULL), ('b', NULL), ('c', NULL)");
    const kept = "IF OLD.id = ''b'' THEN RETURN NULL; END IF";
    const emptied = "IF OLD.id = ''c'' THEN NEW.email := ''nobody''; END IF";
    await sql(
      `CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ${kept}; ${emptied}; RETURN NEW; END'`,
    );
    await sql('CREATE TRIGGER keep BEFORE UPDATE ON kept FOR EACH ROW EXECUTE FUNCTION keep()');
    expect(await amend({ runner, version }, 'kept', ['a', 'b', 'c'])).toMatchObject([
      { state: 'amended', old: { email: null } },
      { state: 'unchanged' },
      { state: 'amended', old: { email: null } },
    ]);
  },
);

/** Rows get an email, by their keys alone. */
function amend(on: { runner: Runner; version: number | undefined }, table: string, ids: readonly string[]) {
  const engine = createPostgresEngine({ runner: on.runner, serverVersion: on.version });
  const locked = <T>(_call: unknown, _names: unknown, work: () => Promise<T>) => work();
  const loader = createLoader({ name: 'w', type: 'postgres', engine, locked });
  return loader.amend(
    within(),
    { table, primaryKeyFields: ['id'], conflict: 'fill', empty: ['nobody'] },
    ids.map(id => ({
      event: { id },
      version: nextVersion(),
      keyOnly: true as const,
      identity: [{ path: ['email'], value: 'x@b.com' }],
    })),
  );
}

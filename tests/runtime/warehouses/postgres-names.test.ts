/** Frequent statements have names on their connections, as long as whoever is at the other end keeps account of them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createPool } from '../../../runtime/warehouses/postgres/pool.ts';
import type { Runner, Session } from '../../../runtime/warehouses/postgres/session.ts';
import { createStatementNames } from '../../../runtime/warehouses/postgres/statement-names.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { forAll } from '../../support/for-all.ts';
import { startPostgres } from '../../support/warehouses/postgres.ts';

const DOUBLE = 'SELECT ($1::int * 2)::text';
const NAMES = "SELECT name FROM pg_prepared_statements WHERE name LIKE 'kvflow%' AND statement = $1";

const postgres = forAll(() => startPostgres(), 60_000);

let runner: Runner;
let session: Session;

beforeEach(async () => {
  const url = await postgres.database('names');
  // One connection, so that what is done to it is met.
  runner = createPool({ url, size: 1 });
  session = runner.each(within());
});
afterEach(() => runner.close());

const double = (n: number) => session.query(DOUBLE, [String(n)], true);
const names = async () => (await session.query(NAMES, [DOUBLE])).flat();

test('a frequent statement is prepared once, also where several are on their way; others are not', async () => {
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([[['2']], [['4']], [['6']]]);
  expect(await names()).toHaveLength(1);
  expect(await double(4)).toEqual([['8']]);
  expect(await names()).toHaveLength(1);
  expect(await session.query('SELECT ($1::int * 3)::text', ['3'])).toEqual([['9']]);
  expect(await session.query("SELECT count(*)::text FROM pg_prepared_statements WHERE name <> ''")).toEqual([
    ['1'],
  ]);
});

test('where the server has lost the name, what is under way is done without it, and all that comes', async () => {
  await double(1);
  await session.query('DEALLOCATE ALL');
  expect(await Promise.all([1, 2, 3].map(double))).toEqual([[['2']], [['4']], [['6']]]);
  expect(await double(4)).toEqual([['8']]);
  expect(await names()).toEqual([]);
});

test('where another process has made one of that name on the connection, too', async () => {
  await double(1);
  const [name] = await names();
  const other = createPool({ url: await postgres.database('others'), size: 1 });
  const there = other.each(within());
  try {
    await there.query(`PREPARE ${name} AS SELECT 'of another'`);
    expect(await there.query(DOUBLE, ['21'], true)).toEqual([['42']]);
    expect(await there.query(DOUBLE, ['4'], true)).toEqual([['8']]);
  } finally {
    await other.close();
  }
});

test('a statement that fails tells its own error, and is prepared all the same', async () => {
  await expect(session.query(DOUBLE, ['no number'], true)).rejects.toMatchObject({ code: '22P02' });
  expect(await double(5)).toEqual([['10']]);
  expect(await names()).toHaveLength(1);
});

test('where one was refused before it was prepared, those sent after it are refused alike, and what comes has names', async () => {
  const late = () => session.query('SELECT count(*)::text FROM late', [], true);
  const refused = await Promise.allSettled([1, 2, 3].map(late));
  expect(refused).toMatchObject(refused.map(() => ({ reason: { code: '42P01' } })));
  await double(1);
  expect(await names()).toHaveLength(1);
});

test('each time it is planned for the table as it is, and not as it was when it was small', async () => {
  for (let n = 1; n <= 8; n++) await double(n);
  const plans =
    'SELECT generic_plans::text, custom_plans::text FROM pg_prepared_statements WHERE statement = $1';
  expect(await session.query(plans, [DOUBLE])).toEqual([['0', '8']]);
});

test('a connection on which one was refused before it was prepared is not used again, one on which it failed later is', async () => {
  const connection = async () => (await session.query('SELECT pg_backend_pid()::text')).flat()[0];
  const first = await connection();
  await expect(session.query(DOUBLE, ['no number'], true)).rejects.toMatchObject({ code: '22P02' });
  await expect(session.query('SELECT * FROM missing')).rejects.toMatchObject({ code: '42P01' });
  expect(await connection()).toBe(first);
  const late = () => session.query('SELECT count(*)::text FROM late', [], true);
  await expect(late()).rejects.toMatchObject({ code: '42P01' });
  expect(await connection()).not.toBe(first);
  await session.query('CREATE TABLE late ()');
  expect(await late()).toEqual([['0']]);
});

test('of more than a hundred texts the later ones have no name', async () => {
  for (let at = 0; at < 105; at++) await session.query(`SELECT ($1::int + ${at})::text`, ['1'], true);
  const [[count] = []] = await session.query(
    "SELECT count(*)::text FROM pg_prepared_statements WHERE name LIKE 'kvflow%'",
  );
  expect(count).toBe('100');
});

test('a server that lacks the setting by which a named one is planned each time gets none with a name', async () => {
  const names = createStatementNames();
  const tried: boolean[] = [];
  const run = async (name: string | undefined) => {
    tried.push(name !== undefined);
    // As a server says it that does not know a setting.
    if (name !== undefined) throw Object.assign(new Error('unrecognized parameter'), { code: '42704' });
    return 'done';
  };
  expect([await names.use(DOUBLE, run), await names.use(DOUBLE, run)]).toEqual(['done', 'done']);
  expect(tried).toEqual([true, false, false]);
});

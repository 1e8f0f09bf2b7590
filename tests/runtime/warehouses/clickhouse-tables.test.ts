/** ClickHouse: tables that are there, types of columns, and what is told when something is wrong. */
import { ClickHouseError } from '@clickhouse/client';
import { expect, test } from '@jest/globals';
import { check } from '../../../runtime/warehouses/clickhouse/check.ts';
import { openClickhouse } from '../../../runtime/warehouses/clickhouse/engine.ts';
import { wrapClickhouse } from '../../../runtime/warehouses/clickhouse/errors.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import type { Locked } from '../../../runtime/warehouses/shared/lock.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { eventually } from '../../support/eventually.ts';
import { target, withClickhouse } from './clickhouse-subject.ts';

const { load, amend, run, lines, loader, engine, server } = withClickhouse();

test('clickhouse - tables are ReplacingMergeTree by version, sorted by the primary key', async () => {
  await load(target('made', 'user/id', 'id'), 5, { id: 'a', user: { id: 'u' }, n: 1 });
  const sql = "SELECT engine, sorting_key FROM system.tables WHERE name = 'made' AND database = 'kvflow'";
  const [[engineName, sorting]] = await lines(sql);
  expect([engineName, sorting.replace(/[()]/g, '')]).toEqual(['ReplacingMergeTree', 'user_id, id']);
  expect(await lines('SELECT id, user_id, n, kvflowVersion FROM made')).toEqual([['a', 'u', 1, 5]]);
});

test('clickhouse - check asks for rights on the table that is there, and for others where it is to be made (stand-in)', async () => {
  const asked: string[] = [];
  // The server that tests run has no users.
  const standIn = {
    database: 'd',
    query: async (_call: unknown, _doing: string, sql: string) => {
      if (sql.startsWith('SELECT')) return [['26', 'least']];
      asked.push(sql);
      return [[/ON `d`.`t`$/.test(sql) ? 1 : 0]];
    },
  } as unknown as Parameters<typeof check>[0];
  await run('CREATE TABLE t (id String) ENGINE = ReplacingMergeTree ORDER BY id');
  const table = await engine().describe(within(), 't');
  const found = (await check(standIn, within(), table)).find(({ what }) => what === 'permissions');
  expect(found).toMatchObject({
    ok: true,
    detail: expect.stringContaining('CREATE TABLE, ALTER ADD COLUMN'),
  });
  const none = (await check(standIn, within(), undefined)).find(({ what }) => what === 'permissions');
  expect(none).toMatchObject({ ok: false });
  expect(asked).toContain('CHECK GRANT INSERT ON `d`.*');
});

test('clickhouse - without the right to add columns only the events that need one are refused (stand-in)', async () => {
  await run('CREATE TABLE fixed (id String, n Nullable(Int64)) ENGINE = ReplacingMergeTree ORDER BY id');
  // The server that tests run has no users: what one with users answers stands in for it.
  const denied = new ClickHouseError({
    code: '497',
    type: 'ACCESS_DENIED',
    message:
      'w: Not enough privileges. To execute this query, it is necessary to have ALTER ADD COLUMN(more)',
  });
  const addColumns = () => Promise.reject(wrapClickhouse(denied, 'adding columns to table "fixed"'));
  const locked: Locked = (_call, _names, work) => work();
  const its = createLoader({ name: 'w', type: 'clickhouse', engine: { ...engine(), addColumns }, locked });
  const rows = [{ id: 'a', n: 1 }, { id: 'b', more: 2 }, { id: 'c' }].map(event => ({ event, version: 1n }));
  const outcomes = await its.load(within(), target('fixed'), rows);
  expect(outcomes.map(error => error && [error.code, error.details.column])).toEqual([
    undefined,
    ['WAREHOUSE_ERROR', 'more'],
    undefined,
  ]);
  expect(await lines('SELECT id FROM fixed ORDER BY id')).toEqual([['a'], ['c']]);
});

test('clickhouse - a row without a value of an Enum gets its least one, so that the table can be read', async () => {
  const engineOf = 'ENGINE = ReplacingMergeTree ORDER BY id';
  await run(
    `CREATE TABLE named (id String, e Enum8('b' = 2, 'it\\'s' = 1), email Nullable(String)) ${engineOf}`,
  );
  await load(target('named'), 1, { id: 'a', e: 'b' }, { id: 'b' });
  await amend(target('named'), 2, { id: 'b' }, { email: 'a@b.com' });
  expect(await lines('SELECT id, e, email FROM named FINAL ORDER BY id')).toEqual([
    ['a', 'b', null],
    ['b', "it's", 'a@b.com'],
  ]);
});

test('clickhouse - a constraint of the table costs one event, and is named without the value', async () => {
  await run(
    'CREATE TABLE bounded (id String, n Int64, CONSTRAINT small CHECK n < 5) ENGINE = ReplacingMergeTree ORDER BY id',
  );
  const errors = await load(target('bounded'), 1, { id: 'a', n: 1 }, { id: 'b', n: 777 }, { id: 'c', n: 2 });
  expect(errors.map(error => error?.code)).toEqual([undefined, 'WAREHOUSE_ERROR', undefined]);
  expect(errors[1]?.message).toMatch(/breaks the constraint "small"$/);
});

test.each([
  [
    'MergeTree',
    'ENGINE = MergeTree ORDER BY id',
    /has the engine MergeTree.*CREATE TABLE.*ReplacingMergeTree/,
  ],
  ['Memory', 'ENGINE = Memory', /has the engine Memory.*CREATE TABLE/],
  [
    'sorting by more',
    'ENGINE = ReplacingMergeTree ORDER BY (id, n)',
    /is sorted by \(id, n\).*ORDER BY \(`id`\)/,
  ],
  ['sorting by a function', 'ENGINE = ReplacingMergeTree ORDER BY (id, n % 2)', /sorting key.*CREATE TABLE/],
  [
    'a version of seconds',
    'ENGINE = ReplacingMergeTree(at) ORDER BY id',
    /version column "at".*needs? UInt64/,
  ],
  [
    'states',
    'ENGINE = ReplacingMergeTree ORDER BY id',
    /AggregateFunction.*unchanged/,
    ', s AggregateFunction(sum, Int64)',
  ],
])('clickhouse - a table with %s is refused with the way out', async (what, clause, message, more = '') => {
  const name = `wrong_${what.replaceAll(' ', '_')}`;
  await run(`CREATE TABLE ${name} (id String, n Int64, at DateTime${more}) ${clause}`);
  const error = await load(target(name), 1, { id: 'a' }).catch(caught => caught);
  expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR' });
  expect(error.message).toMatch(message);
});

test.each([
  ['ReplacingMergeTree(v)', 'v'],
  ['ReplacingMergeTree(`v`, gone)', 'v'],
  ['ReplacingMergeTree', undefined],
])('clickhouse - the version column of %s', async (clause, column) => {
  await run(
    'DROP TABLE IF EXISTS versions',
    `CREATE TABLE versions (id String, v UInt64, gone UInt8 DEFAULT 0) ENGINE = ${clause} ORDER BY id`,
  );
  expect(await engine().describe(within(), 'versions')).toMatchObject({ versionColumn: column });
  const [error] = await load(target('versions'), 7, { id: 'a', v: 1 });
  if (column) expect(error?.details).toEqual({ column: 'v' });
  else expect(error).toBeUndefined();
});

test.each([
  ['Int8', 128],
  ['UInt64', -1],
  ['Float32', 0.1],
  ['FixedString(3)', 'ab'],
  ['DateTime', '2107-01-01T00:00:00Z'],
  ['DateTime', '2026-01-01T00:00:00.5Z'],
  ["DateTime64(6, 'UTC')", '1899-12-31T23:59:59Z'],
  ['DateTime64(9)', '2290-01-01T00:00:00Z'],
  ['Date', '1969-12-31'],
  ['Date', '2026-02-30'],
  ['Decimal(10, 2)', '1.239'],
  ['UUID', 'no uuid'],
  ["Enum8('x' = 1)", 'y'],
  ['Array(Int64)', 'no array'],
])('clickhouse - a column of type %s refuses %j by its name, and changes nothing', async (type, value) => {
  await run(
    'DROP TABLE IF EXISTS strict_one',
    `CREATE TABLE strict_one (id String, val ${type}, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY id`,
  );
  const [fine, error] = await load(target('strict_one'), 1, { id: 'fine' }, { id: 'bad', val: value });
  expect(fine).toBeUndefined();
  expect([error?.code, error?.details]).toEqual(['WAREHOUSE_ERROR', { column: 'val' }]);
  expect(error?.message).not.toContain('no uuid');
  expect(await lines('SELECT id FROM strict_one FINAL')).toEqual([['fine']]);
});

test('clickhouse - lists go into array columns, and keys of any length are found', async () => {
  await run(
    'CREATE TABLE lists (id String, tags Array(String), v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY id',
  );
  const events = Array.from({ length: 400 }, (_, i) => ({
    id: `${i}-${'k'.repeat(1_000)}'\\`,
    tags: ['a', `${i}`],
  }));
  expect((await load(target('lists'), 1, ...events)).filter(Boolean)).toEqual([]);
  const rows = await loader().read(
    within(),
    target('lists'),
    events.map(({ id }) => ({ id })),
  );
  expect(rows.map(row => row?.tags)).toEqual(events.map(({ tags }) => JSON.stringify(tags)));
});

test('clickhouse - a server that does not answer is a TIMEOUT at the deadline', async () => {
  server().pause();
  try {
    // A signal may take a moment to stop all of the server's threads.
    await eventually(() =>
      expect(engine().describe(within(300), 't')).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true }),
    );
  } finally {
    server().resume();
  }
  expect(await engine().describe(within(), 'nothing')).toBeUndefined();
});

test('clickhouse - without its package it says what to install', async () => {
  const absent = () => Promise.reject(Object.assign(new Error('absent'), { code: 'ERR_MODULE_NOT_FOUND' }));
  await expect(openClickhouse({ url: server().url }, absent)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('npm install @clickhouse/client'),
  });
});

test('clickhouse - a url that is none is told without showing it', async () => {
  for (const url of ['clickhouse://u:geheim@h/d', 'http://u:geheim@h/d?nope=1', 'geheim', undefined]) {
    const error = await openClickhouse({ url }).catch(caught => caught);
    expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR' });
    expect(error.message).not.toContain('geheim');
  }
});

test('clickhouse - an object goes whole into a column of Map or Tuple, and stays there when its row is amended', async () => {
  await run(
    `CREATE TABLE objects (id String, tags Map(String, String), counts Map(String, Int64), pair Tuple(a Int64, b String),
      user_email Nullable(String)) ENGINE = ReplacingMergeTree ORDER BY id`,
  );
  const event = {
    id: 'a',
    tags: { color: 'red', 'with.dot': 'x' },
    counts: { one: 1, two: 2 },
    pair: { a: 1, b: 'x' },
  };
  expect(await load(target('objects'), 1, event)).toEqual([undefined]);
  const row = { event: { ...event, user: { email: null } }, version: 3n };
  const identity = [{ path: ['user', 'email'], value: 'a@b.com' }];
  const amend = { ...target('objects'), conflict: 'fill' as const };
  const [outcome] = await loader().amend(within(), amend, [{ ...row, identity }]);
  expect(outcome).toMatchObject({ state: 'amended', new: { user_email: 'a@b.com' } });
  const sql = `SELECT tags['color'], tags['with.dot'], counts['two'], pair.b, user_email FROM objects FINAL`;
  expect(await lines(sql)).toEqual([['red', 'x', 2, 'x', 'a@b.com']]);
  const [misfit] = await load(target('objects'), 5, { id: 'b', counts: { one: 'no number' } });
  expect(misfit).toMatchObject({ code: 'WAREHOUSE_ERROR' });
});

test.each([['JSON'], ['json'], ['Nullable(JSON)'], ["Object('json')"]])(
  'clickhouse - of an object for which %s is asked the text is stored, in new tables and in those that are there',
  async type => {
    const table = target(`json_${type.replace(/\W/g, '')}_${type === type.toLowerCase()}`);
    const first = { id: 'a', o: { a: [1], b: 9007199254740993n }, __sql_type_o: type };
    expect(await load(table, 5, first)).toEqual([undefined]);
    expect(await load(table, 6, { id: 'b', p: { c: 1 }, __sql_type_p: type }, { id: 'c', n: 1 })).toEqual([
      undefined,
      undefined,
    ]);
    expect(await lines(`SELECT id, o, p, n FROM ${table.table} ORDER BY id`)).toEqual([
      ['a', '{"a":[1],"b":9007199254740993}', null, null],
      ['b', null, '{"c":1}', null],
      ['c', null, null, 1],
    ]);
  },
);

test.each([
  ['Dynamic'],
  ['Variant(String, UInt8)'],
  ['Array(JSON)'],
  ['Map(String, Dynamic)'],
  ['AggregateFunction(sum, UInt8)'],
])(
  'clickhouse - an event that asks for a column of %s is refused alone, and the table goes on',
  async type => {
    const table = target(`opaque_${type.replace(/\W/g, '')}`);
    await load(table, 5, { id: 'a' });
    const outcomes = await load(table, 6, { id: 'b', x: 'v', __sql_type_x: type }, { id: 'c', n: 1 });
    expect(outcomes.map(error => error && [error.code, error.details.column])).toEqual([
      ['WAREHOUSE_ERROR', 'x'],
      undefined,
    ]);
    expect(await load(table, 7, { id: 'd', n: 2 })).toEqual([undefined]);
  },
);

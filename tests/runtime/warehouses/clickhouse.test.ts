import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AmendConflict } from '../../../runtime/core/destinations.ts';
import { openClickhouse } from '../../../runtime/warehouses/clickhouse/engine.ts';
import type { Engine } from '../../../runtime/warehouses/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestClickhouse } from '../../support/warehouses/clickhouse.ts';
import { startClickhouse } from '../../support/warehouses/clickhouse.ts';

const quoted = (name: string) => `\`${name.replace(/[\\`]/g, character => `\\${character}`)}\``;

testWarehouse({
  name: 'clickhouse',
  start: async () => {
    const server = await startClickhouse();
    return {
      engine: () => openClickhouse({ url: server.url }),
      statements: () => server.statements(),
      stop: () => server.stop(),
      start: () => server.start(),
      drop: async (table, column) => {
        await server.query(
          column
            ? `ALTER TABLE ${quoted(table)} DROP COLUMN ${quoted(column)}`
            : `DROP TABLE ${quoted(table)} SYNC`,
        );
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
});

describe('clickhouse - what is special to it', () => {
  let server: TestClickhouse;
  let engine: Engine;
  type Event = Record<string, unknown>;
  const target = (table: string, ...fields: string[]) => ({
    table,
    primaryKeyFields: fields.length > 0 ? fields : ['id'],
  });
  const loader = () =>
    createLoader({ name: 'w', type: 'clickhouse', engine, locked: (_call, _names, work) => work() });
  const load = (where: ReturnType<typeof target>, version: number, ...events: Event[]) =>
    loader().load(
      within(),
      where,
      events.map(event => ({ event, version: BigInt(version) })),
    );
  const amend = async (
    where: ReturnType<typeof target> & { conflict?: AmendConflict },
    version: number,
    event: Event,
    identity: Record<string, string>,
  ) => {
    const values = Object.entries(identity).map(([name, value]) => ({ path: [name], value }));
    const rows = [{ event, version: BigInt(version), identity: values }];
    return (await loader().amend(within(), { conflict: 'fill', ...where }, rows))[0];
  };
  const run = (...statements: string[]) =>
    statements.reduce(
      (before, sql) => before.then(() => server.query(`USE kvflow; ${sql}`)),
      Promise.resolve(''),
    );
  const lines = async (sql: string) =>
    (await run(`${sql} FORMAT JSONCompactEachRow`))
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line));

  beforeAll(async () => {
    server = await startClickhouse();
    engine = await openClickhouse({ url: server.url });
  }, 60_000);
  afterAll(async () => {
    await engine?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('clickhouse - tables are ReplacingMergeTree by version, sorted by the primary key', async () => {
    await load(target('made', 'user/id', 'id'), 5, { id: 'a', user: { id: 'u' }, n: 1 });
    const sql = "SELECT engine, sorting_key FROM system.tables WHERE name = 'made' AND database = 'kvflow'";
    const [[engineName, sorting]] = await lines(sql);
    expect([engineName, sorting.replace(/[()]/g, '')]).toEqual(['ReplacingMergeTree', 'user_id, id']);
    expect(await lines('SELECT id, user_id, n, kvflowVersion FROM made')).toEqual([['a', 'u', 1, 5]]);
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
    [
      'sorting by a function',
      'ENGINE = ReplacingMergeTree ORDER BY (id, n % 2)',
      /sorting key.*CREATE TABLE/,
    ],
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
    expect(await engine.describe(within(), 'versions')).toMatchObject({ versionColumn: column });
    const [error] = await load(target('versions'), 7, { id: 'a', v: 1 });
    if (column) expect(error?.details).toEqual({ column: 'v' });
    else expect(error).toBeUndefined();
  });

  test('clickhouse - an old version never wins: a load that comes after the amendment adds, and takes nothing', async () => {
    const t = target('late');
    await load(t, 10, { id: 'first', email: '' });
    expect(await amend(t, 31, { id: 'a', page: '/' }, { email: 'a@b.com' })).toMatchObject({
      state: 'loaded',
    });
    await load(t, 30, { id: 'a', page: '/old', extra: 1 });
    expect(await lines("SELECT id, page, email, extra FROM late FINAL WHERE id = 'a'")).toEqual([
      ['a', '/', 'a@b.com', 1],
    ]);
    await load(t, 32, { id: 'a', page: '/new' });
    await load(t, 31, { id: 'a', page: '/older' });
    await run('OPTIMIZE TABLE late FINAL');
    expect(await lines("SELECT page, email, extra, kvflowVersion FROM late WHERE id = 'a'")).toEqual([
      ['/new', 'a@b.com', 1, 32],
    ]);
  });

  test('clickhouse - writes of one process to one row at the same moment miss nothing of each other', async () => {
    const t = target('turns');
    await load(t, 1, { id: 'a', zero: 0, one: 0, two: 0, email: '' });
    await Promise.all([
      load(t, 11, { id: 'b', zero: 1 }),
      load(t, 13, { id: 'b', one: 1 }),
      amend(t, 12, { id: 'b' }, { email: 'a@b.com' }),
      load(t, 14, { id: 'b', two: 1 }),
    ]);
    expect(await lines("SELECT zero, one, two, email FROM turns FINAL WHERE id = 'b'")).toEqual([
      [1, 1, 1, 'a@b.com'],
    ]);
  });

  test('clickhouse - a newer load that changes nothing is still the newest', async () => {
    const t = target('same');
    await load(t, 10, { id: 'a', page: '/x' });
    await load(t, 30, { id: 'a', page: '/x' });
    await load(t, 20, { id: 'a', page: '/y' });
    expect(await lines('SELECT page FROM same FINAL')).toEqual([['/x']]);
  });

  test('clickhouse - of two amendments the newer one counts, whichever comes last', async () => {
    const t = { ...target('amendments'), conflict: 'overwrite' as const };
    await load(t, 10, { id: 'a' }, { id: 'b', email: '', name: '' });
    await amend(t, 41, { id: 'a' }, { email: 'new@b.com' });
    const late = await amend(t, 21, { id: 'a' }, { email: 'old@b.com', name: 'n' });
    expect(late).toMatchObject({ state: 'amended', old: { name: null }, new: { name: 'n' } });
    expect(late).not.toHaveProperty('new.email');
    expect(await amend(t, 21, { id: 'a' }, { email: 'old@b.com' })).toMatchObject({ state: 'unchanged' });
    expect(await lines("SELECT email, name FROM amendments FINAL WHERE id = 'a'")).toEqual([
      ['new@b.com', 'n'],
    ]);
  });

  test('clickhouse - a table without versions works: what is inserted later counts', async () => {
    await run(
      'CREATE TABLE plain (id String, page Nullable(String), email Nullable(String)) ENGINE = ReplacingMergeTree ORDER BY id',
    );
    const t = target('plain');
    await load(t, 10, { id: 'a', page: '/' });
    await amend(t, 5, { id: 'a' }, { email: 'a@b.com' });
    await load(t, 1, { id: 'a', page: '/2' });
    expect(await lines('SELECT page, email FROM plain FINAL')).toEqual([['/2', 'a@b.com']]);
    const table = await engine.describe(within(), 'plain');
    const versions = (await engine.check(within(), table)).find(({ what }) => what === 'versions');
    expect(versions?.detail).toContain('no version column');
  });

  test('clickhouse - a new version keeps the partition, so that versions merge and readers see one row', async () => {
    await run(
      `CREATE TABLE parted (id String, day Date, n Nullable(Int64), email Nullable(String), v UInt64)
       ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMM(day) ORDER BY id`,
    );
    const t = target('parted');
    await load(t, 10, { id: 'a', day: '2026-01-31', n: 1 });
    await amend(t, 11, { id: 'a', day: '2026-02-01' }, { email: 'a@b.com' });
    await load(t, 12, { id: 'a', day: '2026-03-01', n: 2 });
    const apart = 'SETTINGS do_not_merge_across_partitions_select_final = 1';
    expect(await lines(`SELECT id, day, n, email FROM parted FINAL ${apart}`)).toEqual([
      ['a', '2026-01-31', 2, 'a@b.com'],
    ]);
    await run(
      'CREATE TABLE by_mail (id String, email String) ENGINE = ReplacingMergeTree PARTITION BY email ORDER BY id',
    );
    await load(target('by_mail'), 1, { id: 'a', email: 'x' });
    await expect(amend(target('by_mail'), 2, { id: 'a' }, { email: 'y' })).rejects.toThrow(/partition key/);
  });

  test('clickhouse - an amendment copies every other column exactly', async () => {
    const columns = [
      'd Float64 DEFAULT 0.1, neg Float64 DEFAULT -0., tiny Float64 DEFAULT 5e-324, inf Float64 DEFAULT inf, f Float32 DEFAULT 0.1',
      'i Int64 DEFAULT -9223372036854775808, u UInt64 DEFAULT 18446744073709551615, big UInt256 DEFAULT pow(2, 70)',
      "dec Decimal(38, 18) DEFAULT toDecimal128('12345678901234567890.123456789012345678', 18)",
      "t DateTime64(9, 'Europe/Berlin') DEFAULT toDateTime64('2026-10-25 02:30:00.123456789', 9, 'Europe/Berlin'), s DateTime('Asia/Tokyo') DEFAULT 1",
      "uuid UUID DEFAULT '61f0c404-5cb3-11e7-907b-a6006ad3dba0', e Enum8('x' = 1) DEFAULT 'x', ip IPv6 DEFAULT '::1', day Date32 DEFAULT '1910-01-01'",
      "a Array(Nullable(Int64)) DEFAULT [9007199254740993, NULL], m Map(String, Array(Float64)) DEFAULT map('k', [0.1, -0.]), tu Tuple(x UInt64, y String) DEFAULT (18446744073709551615, 'q\"')",
      "lc LowCardinality(Nullable(String)) DEFAULT 'low', text String DEFAULT 'a\\0b\\t\\'😀', b Bool DEFAULT true",
    ];
    // The copy has no defaults, so that what an insert leaves out is not there.
    await run(
      `CREATE TABLE source (id String, ${columns.join(', ')}) ENGINE = Memory`,
      "INSERT INTO source (id) VALUES ('a')",
      `CREATE TABLE exact ENGINE = ReplacingMergeTree(v) ORDER BY id
       AS SELECT *, CAST(NULL, 'Nullable(String)') AS email, toUInt64(1) AS v FROM source`,
      'ALTER TABLE exact ADD COLUMN tomorrow Int64 MATERIALIZED i + 1',
    );
    const hash = 'SELECT cityHash64(* EXCEPT (email, v)), tomorrow FROM exact FINAL';
    const before = await lines(hash);
    expect(await amend(target('exact'), 3, { id: 'a' }, { email: 'a@b.com' })).toMatchObject({
      state: 'amended',
    });
    expect(await lines(hash)).toEqual(before);
    expect(await lines('SELECT email, v FROM exact FINAL')).toEqual([['a@b.com', 3]]);
  });

  test('clickhouse - bytes that are no text are not changed: the amendment is refused with their column', async () => {
    await run(
      'CREATE TABLE bytes (id String, raw String, email Nullable(String)) ENGINE = ReplacingMergeTree ORDER BY id',
      "INSERT INTO bytes (id, raw) VALUES ('a', unhex('ff00')), ('b', 'fine')",
    );
    expect(await amend(target('bytes'), 1, { id: 'a' }, { email: 'x' })).toMatchObject({
      state: 'failed',
      error: { details: { column: 'raw' } },
    });
    expect(await amend(target('bytes'), 1, { id: 'b' }, { email: 'x' })).toMatchObject({ state: 'amended' });
    expect(await lines('SELECT id, hex(raw), email FROM bytes FINAL ORDER BY id')).toEqual([
      ['a', 'FF00', null],
      ['b', '66696E65', 'x'],
    ]);
  });

  test('clickhouse - identity columns without NULL are empty by their default', async () => {
    await run(
      'CREATE TABLE defaults (id String, email String, uid Int64, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY id',
    );
    await load(target('defaults'), 1, { id: 'a' });
    expect(await amend(target('defaults'), 3, { id: 'a' }, { email: 'a@b.com', uid: '7' })).toMatchObject({
      state: 'amended',
      old: { email: null, uid: null },
    });
    expect(await amend(target('defaults'), 5, { id: 'a' }, { email: 'other@b.com' })).toMatchObject({
      state: 'unchanged',
    });
    const columns = { email: { from: 'a@b.com', to: null }, uid: { from: 7, to: null } };
    const undo = [{ table: 'defaults', key: { id: 'a' }, columns, version: 7n }];
    expect(await loader().restore(within(), undo)).toEqual([true]);
    expect(await lines('SELECT email, uid FROM defaults FINAL')).toEqual([['', 0]]);
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
    server.pause();
    try {
      // A signal may take a moment to stop all of the server's threads.
      await eventually(() =>
        expect(engine.describe(within(300), 't')).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true }),
      );
    } finally {
      server.resume();
    }
    expect(await engine.describe(within(), 'nothing')).toBeUndefined();
  });

  test('clickhouse - without its package it says what to install', async () => {
    const absent = () => Promise.reject(Object.assign(new Error('absent'), { code: 'ERR_MODULE_NOT_FOUND' }));
    await expect(openClickhouse({ url: server.url }, absent)).rejects.toMatchObject({
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
});

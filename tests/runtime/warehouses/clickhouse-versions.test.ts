/** ClickHouse: rows are versions; which of them counts, and what a new one keeps. */
import { expect, test } from '@jest/globals';
import { within } from '../../suites/warehouse/subject.ts';
import { target, withClickhouse } from './clickhouse-subject.ts';

const { load, amend, run, lines, loader, engine } = withClickhouse();

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
  const table = await engine().describe(within(), 'plain');
  const versions = (await engine().check(within(), table)).find(({ what }) => what === 'versions');
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

import { describe, expect, test } from '@jest/globals';
import { openMysql } from '../../../runtime/warehouses/mysql/engine.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import { testMysqlLocks } from './mysql-locks.ts';
import type { MysqlKind } from './mysql-place.ts';
import { useMysql } from './mysql-place.ts';

/** What is special to MySQL and MariaDB. */
export function testMysqlSpecial(kind: MysqlKind): void {
  const { name, exactCollation } = kind;
  describe(`${name} - what is special to it`, () => {
    const place = useMysql(kind);
    const { server, admin, target, loader, load, amend, select } = place;

    test(`${name} - upper and lower case, accents and trailing spaces tell users apart`, async () => {
      const ids = ['A', 'a', 'a ', 'ä', 'a\u0308', 'ſ', 's'];
      expect(await load(target('exact'), ...ids.map(id => ({ id })))).toEqual(ids.map(() => undefined));
      const states = await amend(target('exact'), 'a@b.com', { id: 'a' }, { id: 'S' });
      expect(states.map(({ state }) => state)).toEqual(['amended', 'loaded']);
      expect(await select('SELECT COUNT(*), COUNT(email) FROM exact')).toEqual([[8, 2]]);
    });

    test(`${name} - a table whose key takes two texts for one refuses the second, and changes neither`, async () => {
      await admin().query(
        'CREATE TABLE loose (id VARCHAR(50) COLLATE utf8mb4_general_ci PRIMARY KEY, email TEXT, n INT)',
      );
      expect(await load(target('loose'), { id: 'A', n: 1 })).toEqual([undefined]);
      const [ok, refused, another] = await load(
        target('loose'),
        { id: 'b', n: 2 },
        { id: 'a', n: 3 },
        { id: 'A', n: 4 },
      );
      expect([ok, another]).toEqual([undefined, undefined]);
      expect(refused).toMatchObject({ code: 'WAREHOUSE_ERROR' });
      expect(refused?.message).toContain('utf8mb4_general_ci');
      const states = await amend(target('loose'), 'a@b.com', { id: 'a' }, { id: 'A' });
      expect(states.map(({ state }) => state)).toEqual(['failed', 'amended']);
      expect(await select('SELECT id, n, email FROM loose ORDER BY n')).toEqual([
        ['b', 2, null],
        ['A', 4, 'a@b.com'],
      ]);
    });

    test(`${name} - check passes a user who may only write to the table that is there, and no other's rights`, async () => {
      await admin().query('CREATE TABLE least (id VARCHAR(50) PRIMARY KEY)');
      await admin().query('CREATE TABLE unwritable (id VARCHAR(50) PRIMARY KEY)');
      await admin().query("CREATE USER least@'127.0.0.1' IDENTIFIED BY 'l'");
      await admin().query("GRANT SELECT, INSERT, UPDATE ON kvflow.least TO least@'127.0.0.1'");
      await admin().query("GRANT SELECT ON kvflow.unwritable TO least@'127.0.0.1'");
      const url = Object.assign(new URL(server().url), { username: 'least', password: 'l' }).href;
      const its = await openMysql({ url });
      const permissions = async (table: string) => {
        const findings = await its.check(within(), await its.describe(within(), table));
        return findings.find(({ what }) => what === 'permissions');
      };
      expect(await permissions('least')).toMatchObject({
        ok: true,
        detail: expect.stringContaining('CREATE'),
      });
      expect(await permissions('unwritable')).toMatchObject({
        ok: false,
        detail: expect.stringContaining('INSERT'),
      });
      await its.close();
    });

    test(`${name} - without the right to add columns only the events that need one are refused`, async () => {
      await admin().query('CREATE TABLE fixed (id VARCHAR(50) PRIMARY KEY, n BIGINT)');
      await admin().query("CREATE USER writer@'127.0.0.1' IDENTIFIED BY 'w'");
      await admin().query("GRANT SELECT, INSERT, UPDATE ON kvflow.fixed TO writer@'127.0.0.1'");
      const url = Object.assign(new URL(server().url), { username: 'writer', password: 'w' }).href;
      const its = loader({ engine: await openMysql({ url }) });
      const events = [{ id: 'a', n: 1 }, { id: 'b', more: 2 }, { id: 'c' }];
      const rows = events.map(event => ({ event, version: nextVersion() }));
      const outcomes = await its.load(within(), target('fixed'), rows);
      expect(outcomes.map(error => error?.code)).toEqual([undefined, 'WAREHOUSE_ERROR', undefined]);
      expect(outcomes[1]?.details.column).toBe('more');
      expect(await select('SELECT id, n FROM fixed ORDER BY id')).toEqual([
        ['a', 1],
        ['c', null],
      ]);
      await its.close();
    });

    test(`${name} - a character that a column's character set lacks costs no event: the value goes beside its row`, async () => {
      await admin().query(
        'CREATE TABLE western (id VARCHAR(50) PRIMARY KEY, s VARCHAR(50) CHARACTER SET latin1, b VARCHAR(50) CHARACTER SET utf8mb3)',
      );
      const lenient = loader({ misfits: { policy: 'auto', byColumn: new Map() } });
      const rows = [
        { id: 'a', s: 'caf\u00e9 \u20ac' },
        { id: 'b', s: '\u0436' },
        { id: 'c', b: '\u{1f600}' },
      ].map(event => ({ event, version: 1n }));
      expect(await lenient.load(within(), target('western'), rows)).toEqual(rows.map(() => undefined));
      expect(await select('SELECT id, s, b, _unmapped IS NULL FROM western ORDER BY id')).toEqual([
        ['a', 'caf\u00e9 \u20ac', null, 1],
        ['b', null, null, 0],
        ['c', null, null, 0],
      ]);
    });

    test(`${name} - an event of more fields than a table can have columns costs only itself`, async () => {
      const fields = (from: number, count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${from + n}`, n]));
      const first = await load(target('widest'), { id: 'a' }, { id: 'b', ...fields(0, 1_700) }, { id: 'c' });
      expect(first.map(error => error?.code)).toEqual([undefined, 'WAREHOUSE_ERROR', undefined]);
      // Each would fit, and both together do not: the first of them is stored.
      const both = [
        { id: 'd', ...fields(0, 600) },
        { id: 'e', ...fields(600, 600) },
      ];
      const second = await load(target('widest'), ...both, { id: 'f' });
      expect(second.map(error => error?.code)).toEqual([undefined, 'WAREHOUSE_ERROR', undefined]);
      expect(await select('SELECT id FROM widest ORDER BY id')).toEqual([['a'], ['c'], ['d'], ['f']]);
    });

    test(`${name} - an event of more texts than a row has room for costs only itself, and the way out that it is told works`, async () => {
      const fields = Object.fromEntries(
        Array.from({ length: 250 }, (_, n) => [`f${n}`, 'x'.repeat(36)] as const),
      );
      await load(target('texts'), { id: 'a', f0: 'x' });
      const [ok, refused, another] = await load(
        target('texts'),
        { id: 'b', f1: 'x' },
        { id: 'c', ...fields },
        { id: 'd' },
      );
      expect([ok, another]).toEqual([undefined, undefined]);
      expect(refused?.message).toContain('in one column of JSON, with "__sql_type_<object>": "json"');
      expect(refused?.message).not.toContain('a value');
      const [unmade] = await load(target('texts_alone'), { id: 'a', ...fields, f0: 'x' });
      expect(unmade?.message).toContain('in one column of JSON');
      const whole = { id: 'e', properties: fields, __sql_type_properties: 'json' };
      expect(await load(target('texts'), whole)).toEqual([undefined]);
      const found = await select("SELECT id, JSON_LENGTH(properties) FROM texts WHERE id > 'b'");
      expect(found).toEqual([
        ['d', null],
        ['e', 250],
      ]);
    });

    test(`${name} - a character that a column lacks, or a generated column, costs only its event`, async () => {
      await admin().query(
        'CREATE TABLE latin (id VARCHAR(9) PRIMARY KEY, t VARCHAR(9) CHARACTER SET latin1, n INT, twice INT AS (n * 2) STORED)',
      );
      const events = [
        { id: 'a', t: 'é' },
        { id: 'b', t: 'Ж' },
        { id: 'c', twice: 3 },
        { id: 'd', n: 1 },
      ];
      const outcomes = await load(target('latin'), ...events);
      expect(outcomes.map(error => error?.code)).toEqual([
        undefined,
        'WAREHOUSE_ERROR',
        'WAREHOUSE_ERROR',
        undefined,
      ]);
      expect(await select('SELECT id FROM latin ORDER BY id')).toEqual([['a'], ['d']]);
    });

    test(`${name} - an object goes whole into a column of JSON`, async () => {
      await admin().query('CREATE TABLE holding (id VARCHAR(9) PRIMARY KEY, props JSON, n INT)');
      const events = [
        { id: 'a', props: { a: 1, b: [2] } },
        { id: 'b', n: 1 },
        { id: 'c', props: { user: {} } },
      ];
      expect((await load(target('holding'), ...events)).filter(Boolean)).toEqual([]);
      const rows = (await select(
        "SELECT id, JSON_VALUE(props, '$.b[0]') FROM holding ORDER BY id",
      )) as unknown[][];
      expect(rows.map(row => row.map(String))).toEqual([
        ['a', '2'],
        ['b', 'null'],
        ['c', 'null'],
      ]);
    });

    test(`${name} - another unique index never makes a load change the row it meets`, async () => {
      await admin().query('CREATE TABLE other (id VARCHAR(50) PRIMARY KEY, email VARCHAR(50) UNIQUE, n INT)');
      await load(target('other'), { id: 'a', email: 'a@b.com', n: 1 });
      const [error] = await load(target('other'), { id: 'b', email: 'a@b.com', n: 2 });
      expect(error).toMatchObject({ code: 'WAREHOUSE_ERROR' });
      expect(await select('SELECT id, n FROM other')).toEqual([['a', 1]]);
    });

    test.each([
      ['a text that is too long', 'VARCHAR(5)', 'longer'],
      ['a number out of range', 'SMALLINT', 40_000],
      ['a day that is none', 'DATE', '2026-02-31'],
      ['a word that an enum lacks', "ENUM('x')", 'y'],
      ['characters the column has not', 'VARCHAR(50) CHARACTER SET latin1', '😀'],
      ['more digits than a decimal keeps', 'DECIMAL(10,2)', '1.239'],
      ['a time finer than the column', 'DATETIME', '2026-01-02T03:04:05.5Z'],
      ['a number that FLOAT would round', 'FLOAT', 0.1],
      ['a space that CHAR would drop', 'CHAR(5)', 'x '],
      ['a year that TIMESTAMP ends before', 'TIMESTAMP NULL', '2099-01-01T00:00:00Z'],
    ])(
      `${name} - %s is refused by its column, never changed, whatever the sql_mode`,
      async (_what, type, value) => {
        await admin().query('DROP TABLE IF EXISTS strict_one');
        await admin().query(`CREATE TABLE strict_one (id VARCHAR(50) PRIMARY KEY, v ${type})`);
        const [fine, error] = await load(target('strict_one'), { id: 'fine' }, { id: 'bad', v: value });
        expect(fine).toBeUndefined();
        expect([error?.code, error?.details]).toEqual(['WAREHOUSE_ERROR', { column: 'v' }]);
        expect(await select('SELECT id FROM strict_one')).toEqual([['fine']]);
      },
    );

    test(`${name} - a cast is made of any column type, and one that the server lacks costs only its event`, async () => {
      const casts = ['varchar(3)', 'bigint unsigned', 'numeric(10,1)', 'double precision', 'timestamp(6)'];
      const values = ['abc', '12', '1.5', '0.5', '2026-01-02 03:04:05.5'];
      const fields = casts.map((cast, at) => [`v${at}`, values[at], `__sql_type_v${at}`, [cast, 'text']]);
      const event = Object.fromEntries(
        fields.flatMap(([field, value, hint, types]) => [
          [field, value],
          [hint, types],
        ]),
      );
      const lacking = { id: 'c', v: 1, __sql_type_v: ['no_such_type', 'text'] };
      const [cast, fine, error] = await load(target('casts'), { id: 'a', ...event }, { id: 'b' }, lacking);
      expect([cast, fine]).toEqual([undefined, undefined]);
      expect([error?.code, error?.details]).toEqual(['WAREHOUSE_ERROR', { column: 'v' }]);
      expect(await select("SELECT v0, v1, v2, v3, v4 FROM casts WHERE id = 'a'")).toEqual([
        ['abc', '12', '1.5', '0.5', '2026-01-02 03:04:05.500000'],
      ]);
    });

    test(`${name} - times are UTC and exact, whatever the server is set to`, async () => {
      const [when, early] = ['2026-06-30T23:59:59.123456+02:00', '1901-01-01T00:00:00Z'];
      await admin().query('CREATE TABLE times (id VARCHAR(50) PRIMARY KEY, at TIMESTAMP(6) NULL)');
      await load(target('times'), { id: 'a', at: when, when, early });
      const [row] = await loader().read(within(), target('times'), [{ id: 'a' }]);
      expect({ ...row }).toEqual({
        id: 'a',
        at: '2026-06-30T21:59:59.123456Z',
        when: '2026-06-30T21:59:59.123456Z',
        early: '1901-01-01T00:00:00Z',
      });
      expect(await select('SELECT CAST(`when` AS CHAR), UNIX_TIMESTAMP(at) FROM times')).toEqual([
        ['2026-06-30 21:59:59.123456', String(Date.parse('2026-06-30T21:59:59Z') / 1000 + 0.123456)],
      ]);
    });

    test(`${name} - more than max_allowed_packet is sent in parts, and a row above it refused alone`, async () => {
      const long = 'é'.repeat(150_000);
      const events = Array.from({ length: 8 }, (_, i) => ({ id: `p${i}`, long }));
      const outcomes = await load(target('packets'), ...events, { id: 'huge', long: 'x'.repeat(1_100_000) });
      expect(outcomes.map(error => error?.message.includes('max_allowed_packet'))).toEqual([
        ...events.map(() => undefined),
        true,
      ]);
      const expected = events.map(({ id }) => [id, 150_000]);
      expect(await select('SELECT id, CHAR_LENGTH(`long`) FROM packets ORDER BY id')).toEqual(expected);
      const states = await amend(target('packets'), 'y'.repeat(300_000), ...events);
      expect(states.map(({ state }) => state)).toEqual(events.map(() => 'amended'));
    });

    test(`${name} - more columns than placeholders allow are stored all the same`, async () => {
      const wide = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`c${i}`, i]));
      const events = Array.from({ length: 1_000 }, (_, i) => ({ id: `w${i}`, ...wide }));
      expect((await load(target('wide'), ...events)).filter(Boolean)).toEqual([]);
      expect(await select('SELECT COUNT(*), SUM(c119) FROM wide')).toEqual([[1_000, '119000']]);
    });

    test(`${name} - keys of several columns and kinds`, async () => {
      const where = target('several', 'user/id', 'seq', 'part');
      const event = (id: string, seq: number) => ({ user: { id }, seq, part: 'p', n: seq });
      await load(where, event('u', 1), event('u', 2), event('v', 1));
      const states = await amend(where, 'a@b.com', event('u', 2), event('v', 2));
      expect(states.map(({ state }) => state)).toEqual(['amended', 'loaded']);
      expect(await select('SELECT user_id, seq, email FROM several ORDER BY 1, 2')).toEqual([
        ['u', 1, null],
        ['u', 2, 'a@b.com'],
        ['v', 1, null],
        ['v', 2, 'a@b.com'],
      ]);
    });

    test(`${name} - an amendment needs no column but the key, where the table requires others`, async () => {
      await admin().query(
        `CREATE TABLE required (id VARCHAR(50) COLLATE ${exactCollation} PRIMARY KEY, n INT NOT NULL)`,
      );
      expect(await load(target('required'), { id: 'a', n: 1 })).toEqual([undefined]);
      expect(await amend(target('required'), 'a@b.com', { id: 'a' })).toMatchObject([{ state: 'amended' }]);
      expect(await amend(target('required'), 'a@b.com', { id: 'b' })).toMatchObject([{ state: 'failed' }]);
      expect(await select('SELECT id, n, email FROM required')).toEqual([['a', 1, 'a@b.com']]);
    });

    test(`${name} - tables that cannot work are refused with the way out`, async () => {
      await admin().query('CREATE TABLE keyless (id VARCHAR(50), n INT)');
      await admin().query('CREATE TABLE flat (id VARCHAR(50) PRIMARY KEY) ENGINE = MyISAM');
      await admin().query('CREATE VIEW seen AS SELECT * FROM keyless');
      await expect(load(target('keyless'), { id: 'a' })).rejects.toThrow(/ADD UNIQUE INDEX \(`id`\)/);
      await expect(load(target('flat'), { id: 'a' })).rejects.toThrow(/ENGINE = InnoDB/);
      await expect(load(target('seen'), { id: 'a' })).rejects.toThrow(/is a view/);
    });

    test(`${name} - check tells what permissions are missing`, async () => {
      await admin().query("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'r'");
      await admin().query("GRANT SELECT ON kvflow.* TO reader@'127.0.0.1'");
      const reading = await openMysql({ url: `mysql://reader:r@127.0.0.1:${server().port}/kvflow` });
      const findings = await reading.check(within(), undefined);
      expect(findings).toContainEqual({
        what: 'permissions',
        ok: false,
        detail: expect.stringContaining('INSERT, UPDATE'),
      });
      await reading.close();
    });

    testMysqlLocks(name, place);
  });
}

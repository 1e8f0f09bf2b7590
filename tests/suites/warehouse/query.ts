import { expect } from '@jest/globals';
import type { Subject, WarehouseSuite } from './subject.ts';
import { needed, testUnless, within } from './subject.ts';

/** Asking a warehouse: a SELECT, bounded, that cannot write. */
export function testQuery({ name, cannot = {} }: WarehouseSuite, subject: () => Subject): void {
  testUnless(cannot.queries, `${name} - a query reads, within its bounds, and cannot write`, async () => {
    const { another, stored, rows, t } = subject();
    const open = await another({ query: true });
    await stored(t, { id: 'a', n: 1 }, { id: 'b', n: 2 }, { id: 'c', n: 3 });
    const ask = async (sql: string, most = 10) => {
      const found = await needed(open.query, 'queries')(within(), { sql, rows: most });
      return { ...found, columns: found.columns.map(column => column.toLowerCase()) };
    };
    expect(await ask(`SELECT id, n FROM ${t} ORDER BY n;`)).toEqual({
      columns: ['id', 'n'],
      rows: [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ],
      truncated: false,
    });
    expect(await ask(`SELECT n FROM ${t} ORDER BY n -- all`, 2)).toMatchObject({
      rows: [[1], [2]],
      truncated: true,
    });
    expect(await ask(`-- all\n/* of\n${t}; */ SELECT n FROM ${t} WHERE n = 2`)).toMatchObject({
      rows: [[2]],
    });
    expect(await ask(`SELECT n, id FROM ${t} WHERE n > 7`)).toEqual({
      columns: ['n', 'id'],
      rows: [],
      truncated: false,
    });
    for (const [end, found] of [
      ['; -- all', 3],
      [';\n-- all\n/* of ; */ -- them', 3],
      ["AND 'a; -- b' = 'a; -- b'", 3],
      ["AND 'a; /* b' <> ' */'", 3],
      ['/* a; -- b */ AND n > 1', 2],
      ['/* a; -- b */', 3],
    ] as const)
      expect([end, (await ask(`SELECT n FROM ${t} WHERE n > 0 ${end}`)).rows.length]).toEqual([end, found]);
    for (const sql of [
      `DELETE FROM ${t}`,
      `SELECT 1; /* a */ DELETE FROM ${t} /* b */`,
      `SELECT 1; -- a\nDELETE FROM ${t}; -- b`,
      `SELECT 1; -- a\rDELETE FROM ${t}`,
      `SELECT 1) AS x; DELETE FROM ${t}; --`,
      `WITH x AS (SELECT 1) DELETE FROM ${t}`,
      `SELECT id INTO copy_of_${t} FROM ${t}`,
      `-- SELECT\nDELETE FROM ${t}`,
      `/* SELECT */ DELETE FROM ${t}`,
      `/*! DELETE FROM ${t} */`,
      `/* a /* b */ SELECT 1 */; DELETE FROM ${t}`,
      `/* a */ SELECT 1) AS x; DELETE FROM ${t}; /*`,
      `SELECT 1 /*`,
      `SELECT 1) AS x INTO @written /*`,
      `/**/WITH x AS (SELECT 1) /**/ DELETE FROM ${t}`,
      'SELECT id FROM nowhere_at_all',
    ]) {
      const refused = await ask(sql).catch((error: { code: string }) => error.code);
      expect([sql, refused]).toEqual([sql, 'WAREHOUSE_ERROR']);
    }
    expect(await rows(t, 'a', 'b', 'c')).toHaveLength(3);
    const closed = needed(subject().destination.query, 'queries')(within(), { sql: 'SELECT 1', rows: 1 });
    await expect(closed).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await open.close();
  });
}

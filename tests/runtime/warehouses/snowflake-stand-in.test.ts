/** The stand-in itself: what Snowflake refuses, it refuses, with Snowflake's codes. Else the engine's tests prove little. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'snowflake-sdk';
import { loadSdk } from '../../../runtime/warehouses/snowflake/sdk.ts';
import { readSettings } from '../../../runtime/warehouses/snowflake/settings.ts';
import type { TestSnowflake } from '../../support/warehouses/snowflake.ts';
import { startSnowflake } from '../../support/warehouses/snowflake.ts';

let server: TestSnowflake;
let connection: Connection;

beforeAll(async () => {
  server = await startSnowflake();
  const url = await server.database('shop');
  const sdk = await loadSdk();
  connection = sdk.createConnection(readSettings({ url }));
  await new Promise<void>((resolve, reject) => {
    connection.connect(error => (error ? reject(error) : resolve()));
  });
  await run(
    'CREATE TABLE "T" ("ID" TEXT NOT NULL, "N" NUMBER(38,0), "S" VARCHAR(3), "V" VARIANT, PRIMARY KEY ("ID"))',
  );
});
afterAll(async () => {
  await new Promise<void>(resolve => connection.destroy(() => resolve()));
  await server[Symbol.asyncDispose]();
});

type Binds = (string | string[])[];

function run(sqlText: string, binds: Binds = []): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      binds: binds as string[],
      complete: (error, _, rows) => (error ? reject(error) : resolve(rows ?? [])),
    });
  });
}

const SOURCE = '(SELECT f.VALUE[0]::VARCHAR AS "C0" FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) AS f)';
const MERGE = `MERGE INTO "T" AS t USING ${SOURCE} AS s ON t."ID" = s."C0" WHEN MATCHED THEN UPDATE SET "N" = 1 WHEN NOT MATCHED THEN INSERT ("ID") VALUES (s."C0")`;

const REFUSED: [sql: string, code: string, binds?: Binds][] = [
  [`INSERT INTO "T" ("ID") VALUES ('a') ON CONFLICT ("ID") DO NOTHING`, '001003'],
  [`INSERT INTO "T" ("ID") VALUES ('a') RETURNING "ID"`, '001003'],
  [`UPDATE "T" SET "N" = 1 RETURNING "ID"`, '001003'],
  [`SELECT unnest(split('a,b', ',')) FROM "T"`, '002140'],
  [`SELECT json_each('{}') FROM "T"`, '002140'],
  [`SELECT "ID"::json FROM "T"`, '002040'],
  [`SELECT "ID"::jsonb FROM "T"`, '002040'],
  ['CREATE TABLE "X" ("A" JSONB)', '002040'],
  ['CREATE TABLE "X" ("A" no_such_type)', '002040'],
  ['CREATE TABLE "X" ("A" TEXT, "A" TEXT)', '002025'],
  [`CREATE TABLE "${'x'.repeat(256)}" ("A" TEXT)`, '000972'],
  ['CREATE TABLE "T" ("A" TEXT)', '002002'],
  ['ALTER TABLE "T" ADD COLUMN "N" TEXT', '001430'],
  [`SELECT "ID" FROM "T" WHERE "ID" = $1`, '001003', ['a']],
  ['SELECT "ID" FROM "T"; DROP TABLE "T"', '000008'],
  [`INSERT INTO "T" ("ID", "V") VALUES ('a', PARSE_JSON('{}'))`, '002014'],
  ['SELECT "ID" FROM "T" WHERE "ID" = ?', '002049', [['a', 'b']]],
  ['SELECT "id" FROM "T"', '000904'],
  ['SELECT "ID" FROM "t"', '002003'],
  ['DESCRIBE TABLE "nowhere"', '002003'],
  [`INSERT INTO "T" ("N") VALUES (1)`, '100072'],
  [`INSERT INTO "T" ("ID", "S") VALUES ('a', 'long')`, '100078'],
  [`INSERT INTO "T" ("ID", "N") VALUES ('a', TO_NUMBER('x', 38, 0))`, '100038'],
  ['VACUUM "T"', '001003'],
];

test.each(REFUSED)('stand-in for Snowflake - refuses %s', async (sql, code, ...binds) => {
  await expect(run(sql, binds[0])).rejects.toMatchObject({ code });
});

test('stand-in for Snowflake - two rows of a source that meet in one row are refused, and change nothing', async () => {
  expect(await run(MERGE, [JSON.stringify([['once'], ['twice']])])).toEqual([
    { 'number of rows inserted': 2, 'number of rows updated': 0 },
  ]);
  await expect(run(MERGE, [JSON.stringify([['twice'], ['twice']])])).rejects.toMatchObject({
    code: '100090',
  });
  expect(await run('SELECT COUNT("N") AS "C" FROM "T"')).toEqual([{ C: 0 }]);
  expect(await run(MERGE, [JSON.stringify([['once'], ['new']])])).toEqual([
    { 'number of rows inserted': 1, 'number of rows updated': 1 },
  ]);
});

test('stand-in for Snowflake - primary keys are noted down and not enforced; names differ by case', async () => {
  await run('CREATE TABLE "K" ("A" TEXT NOT NULL, "a" TEXT, PRIMARY KEY ("A"))');
  await run(`INSERT INTO "K" ("A", "a") VALUES ('x', 'lower')`);
  await run(`INSERT INTO "K" (a) VALUES ('x')`);
  expect(await run('SELECT A, "a" FROM K')).toEqual([
    { A: 'x', a: 'lower' },
    { A: 'x', a: null },
  ]);
  expect(await run('DESCRIBE TABLE "K"')).toMatchObject([
    { name: 'A', type: 'VARCHAR(16777216)', 'primary key': 'Y', 'null?': 'N' },
    { name: 'a', type: 'VARCHAR(16777216)', 'primary key': 'N', 'null?': 'Y' },
  ]);
});

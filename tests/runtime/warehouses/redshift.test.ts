import { expect, test } from '@jest/globals';
import { createPool } from '../../../runtime/warehouses/postgres/pool.ts';
import { createRedshiftEngine } from '../../../runtime/warehouses/redshift/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { openPostgres, SCHEMA } from '../../support/warehouses/postgres-server.ts';
import { guardRedshift, redshiftLacks } from '../../support/warehouses/redshift-guard.ts';

// No Redshift can be had for a test: this is PostgreSQL behind a guard that refuses what Redshift is known to lack.
testWarehouse({
  name: 'redshift (PostgreSQL behind a guard)',
  cannot: {
    widening: 'Redshift alters no type of a column but the length of a text',
    queries: 'a cluster is asked by its own clients',
    'adding-aside': 'values beside a row are text there',
  },
  start: async () => {
    const server = await openPostgres('suite');
    return {
      ...server,
      engine: () => {
        const runner = guardRedshift(createPool({ url: server.url }));
        const engine = createRedshiftEngine({ runner, schema: SCHEMA });
        // Redshift has names of 127 bytes, and what stands in for it of 63.
        return { ...engine, limits: { ...engine.limits, identifier: 63 } };
      },
    };
  },
});

const REFUSED: string[] = [
  'INSERT INTO "t" ("a") VALUES ($1) ON CONFLICT ("a") DO NOTHING',
  'UPDATE "s"."t" AS t SET "a" = 1',
  'UPDATE "t" SET "a" = 1 RETURNING "a"',
  'ALTER TABLE "t" ADD COLUMN IF NOT EXISTS "a" bigint',
  'ALTER TABLE "t" ADD COLUMN "a" bigint, ADD COLUMN "b" bigint',
  'SELECT * FROM unnest($1::bigint[]) AS g(a)',
  'SELECT "a"::text FROM "t"',
  'SELECT $1::jsonb',
  'CREATE TABLE "t" ("a" text)',
  'WITH d AS (UPDATE "t" SET "a" = 1) SELECT 1',
];

test.each(REFUSED)('redshift guard - refuses %s', sql => {
  expect(redshiftLacks(sql)).toBeDefined();
});

test('redshift guard - refuses more binds than a statement may have, and lets names and texts be', () => {
  expect(
    redshiftLacks(
      'SELECT 1',
      Array.from({ length: 32_768 }, () => '1'),
    ),
  ).toBe('32768 binds');
  expect(redshiftLacks(`SELECT "on conflict", 'unnest(' FROM "text[]"`)).toBeUndefined();
});

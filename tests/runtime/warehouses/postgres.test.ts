import { describe } from '@jest/globals';
import { createPostgresEngine } from '../../../runtime/warehouses/postgres/engine.ts';
import { createPool } from '../../../runtime/warehouses/postgres/pool.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { testAmend } from '../../suites/warehouse/amend.ts';
import type { WarehouseSuite } from '../../suites/warehouse/subject.ts';
import { useSubject } from '../../suites/warehouse/subject.ts';
import { openPostgres, SCHEMA } from '../../support/warehouses/postgres-server.ts';

testWarehouse({
  name: 'postgres',
  start: async () => {
    const server = await openPostgres('suite');
    return {
      ...server,
      engine: () => createPostgresEngine({ runner: createPool({ url: server.url }), schema: SCHEMA }),
    };
  },
});

// Servers before 18 cannot return a row as it was: the statement for them runs on any.
const before18: WarehouseSuite = {
  name: 'postgres 15 to 17',
  start: async () => {
    const server = await openPostgres('suite');
    const engine = () =>
      createPostgresEngine({
        runner: createPool({ url: server.url }),
        schema: SCHEMA,
        serverVersion: 150_000,
      });
    return { ...server, engine };
  },
};
describe(before18.name, () => testAmend(before18, useSubject(before18)));

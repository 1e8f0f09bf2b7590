/** Snowflake's engine with the real snowflake-sdk against a stand-in of its protocol, not against Snowflake itself. */
import { openSnowflake } from '../../../runtime/warehouses/snowflake/engine.ts';
import { identifierOf, quote } from '../../../runtime/warehouses/snowflake/names.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { startSnowflake } from '../../support/warehouses/snowflake.ts';

testWarehouse({
  name: 'snowflake (stand-in)',
  cannot: {
    widening: 'Snowflake makes no double of a NUMBER',
    refusing: 'Snowflake has no triggers, and checks no constraints',
    locks: 'the stand-in has no transactions of several statements',
    'adding-aside': 'a MERGE replaces the value beside a row',
  },
  start: async () => {
    const server = await startSnowflake();
    const url = await server.database('suite');
    return {
      engine: () => openSnowflake({ url }),
      statements: () => server.statements('suite'),
      stop: server.stop,
      start: server.start,
      drop: async (table, column) => {
        const name = quote(identifierOf(table));
        const sql = column
          ? `ALTER TABLE ${name} DROP COLUMN ${quote(identifierOf(column))}`
          : `DROP TABLE ${name}`;
        await server.sql('suite', sql);
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
});

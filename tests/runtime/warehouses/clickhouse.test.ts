import { openClickhouse } from '../../../runtime/warehouses/clickhouse/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import { startClickhouse } from '../../support/warehouses/clickhouse.ts';

const quoted = (name: string) => `\`${name.replace(/[\\`]/g, character => `\\${character}`)}\``;

testWarehouse({
  name: 'clickhouse',
  cannot: { locks: 'ClickHouse locks no rows' },
  start: async () => {
    const server = await startClickhouse();
    return {
      engine: () => openClickhouse({ url: server.url }),
      statements: () => server.statements(),
      stop: () => server.stop(),
      start: () => server.start(),
      poison: async (table, n) => {
        await server.query(`ALTER TABLE ${quoted(table)} ADD CONSTRAINT refuse CHECK n != ${n}`);
      },
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

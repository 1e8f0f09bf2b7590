import { createConnection } from 'mysql2/promise';
import { openMysql } from '../../../runtime/warehouses/mysql/engine.ts';
import { testWarehouse } from '../../suites/test-warehouse.ts';
import type { MysqlKind } from './mysql-place.ts';

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** The suite of all warehouses on a MySQL or a MariaDB. */
export function testMysqlWarehouse({ name, start }: MysqlKind): void {
  testWarehouse({
    name,
    cannot: { 'astral-names': 'names of MySQL are of the basic multilingual plane' },
    start: async () => {
      const server = await start();
      let admin = await createConnection(server.url);
      return {
        engine: () => openMysql({ url: server.url }),
        statements: async () => {
          const [rows] = await admin.query("SHOW GLOBAL STATUS LIKE 'Questions'");
          return Number((rows as { Value: string }[])[0]?.Value);
        },
        stop: () => server.stop(),
        start: async () => {
          await server.start();
          admin.destroy();
          admin = await createConnection(server.url);
        },
        lockRow: async (table, id) => {
          const holder = await createConnection(server.url);
          await holder.query('START TRANSACTION');
          await holder.query(`SELECT * FROM ${quoted(table)} WHERE id = ? FOR UPDATE`, [id]);
          return async () => holder.destroy();
        },
        poison: async (table, n) => {
          for (const on of ['INSERT', 'UPDATE'])
            await admin.query(
              `CREATE TRIGGER ${quoted(`refuse_${on}_${table}`)} BEFORE ${on} ON ${quoted(table)} FOR EACH ROW
              BEGIN IF NEW.n = ${n} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF; END`,
            );
        },
        drop: async (table, column) => {
          await admin.query(
            column
              ? `ALTER TABLE ${quoted(table)} DROP COLUMN ${quoted(column)}`
              : `DROP TABLE ${quoted(table)}`,
          );
        },
        [Symbol.asyncDispose]: async () => {
          admin.destroy();
          await server[Symbol.asyncDispose]();
        },
      };
    },
  });
}

import { test } from '@jest/globals';
import { missingServers } from '../../support/warehouses/missing.ts';
import { startMysql } from '../../support/warehouses/mysql.ts';
import { testMysqlSpecial } from './mysql-special.ts';
import { testMysqlWarehouse } from './mysql-suite.ts';

const mysql = { name: 'mysql', start: startMysql, exactCollation: 'utf8mb4_0900_bin' };
const { mysql: why } = await missingServers();

if (why) {
  // The reason is part of the name, so that it is read wherever the skip is counted.
  test.skip(`mysql - the whole suite (skipped: ${why})`, () => undefined);
} else {
  testMysqlWarehouse(mysql);
  testMysqlSpecial(mysql);
}

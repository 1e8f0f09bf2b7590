import { test } from '@jest/globals';
import { startMariadb } from '../../support/warehouses/mariadb.ts';
import { missingServers } from '../../support/warehouses/missing.ts';
import { testMysqlSpecial } from './mysql-special.ts';
import { testMysqlWarehouse } from './mysql-suite.ts';

const mariadb = { name: 'mariadb', start: startMariadb, exactCollation: 'utf8mb4_nopad_bin' };
const { mariadb: why } = await missingServers();

if (why) {
  // The reason is part of the name, so that it is read wherever the skip is counted.
  test.skip(`mariadb - the whole suite (skipped: ${why})`, () => undefined);
} else {
  testMysqlWarehouse(mariadb);
  testMysqlSpecial(mariadb);
}

import { findMariadb } from './mariadb.ts';
import { findMysql } from './mysql-program.ts';

/**
 * Why tests of a server must be skipped on this machine; nothing said of a server that is there. For names of skipped
 * tests, so that it is read wherever the skip is counted. Under CI a server that is missing throws.
 */
export async function missingServers(): Promise<Record<string, string | undefined>> {
  const [mariadb, mysql] = await Promise.all([findMariadb(), findMysql()]);
  return {
    ...(mariadb === undefined && { mariadb: 'no MariaDB: apt-get install mariadb-server-core' }),
    ...(typeof mysql === 'string' && { mysql }),
  };
}

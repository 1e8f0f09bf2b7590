import { PackError } from '../../../contract/errors.ts';
import type { Engine } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import { amend, restore } from './amend.ts';
import { check } from './check.ts';
import { addColumns, createTable } from './definition.ts';
import { describeTable } from './describe.ts';
import { wrapMysql } from './errors.ts';
import { asMysqlTable } from './keys.ts';
import { openPool } from './pool.ts';
import { lockedRows, selectRows } from './rows.ts';
import { refuseMysql } from './types.ts';
import { upsert } from './upsert.ts';
import { readMysqlUrl } from './url.ts';
import { widenColumn } from './widen.ts';

/** Most characters of a name in MySQL and MariaDB. */
const LONGEST_NAME = 64;

/**
 * MySQL 8.0.20 and newer, and MariaDB 10.6 and newer. `url` as `readMysqlUrl` says; `schema` is the database where the url
 * names none or another; `poolSize` wins over the url's `connections`; `lockMs` is as `openPool` says. Connects on first use. Throws WAREHOUSE_ERROR where
 * the url is wrong.
 */
export async function openMysql(destination: {
  url?: string | undefined;
  schema?: string | undefined;
  poolSize?: number | undefined;
  lockMs?: number | undefined;
}): Promise<Engine> {
  const address = readMysqlUrl(destination.url, destination.schema);
  const connections = destination.poolSize ?? address.connections;
  const pool = await openPool({ ...address, connections }, destination.lockMs);
  return {
    limits: { identifier: LONGEST_NAME, foldsCase: true, isBasicOnly: true },
    describe: (call, table) => describeTable(pool, call, table),
    createTable: (call, name, columns, primaryKey) => createTable(pool, call, { name, columns, primaryKey }),
    addColumns: (call, name, columns) => addColumns(pool, call, { name, columns }),
    jsonType: 'JSON',
    widen: (call, table, column, kind) => widenColumn(pool, call, { table, column, kind }),
    upsert: (call, batch) => upsert(pool, call, batch),
    amend: (call, batch) => amend(pool, call, batch),
    restore: (call, batch) => restore(pool, call, batch),
    read: (call, table, keys) => {
      const [first] = keys;
      if (!first) return Promise.resolve([]);
      const wanted = { table: asMysqlTable(table), primaryKey: Object.keys(first), keys };
      return pool.run(call, `reading table ${shown(table.name)}`, session =>
        selectRows(session, wanted, [...table.columns.keys()]),
      );
    },
    locked: (call, table, keys) => lockedRows(pool, call, { table, keys }),
    query: (call, sql, most) =>
      pool.run(call, 'a query', session => session.read(`SELECT * FROM (${sql}\n) AS q LIMIT ${most}`)),
    check: (call, table) => check(pool, call, table),
    refuse: refuseMysql,
    wrap: (error, doing) => (error instanceof PackError ? error : wrapMysql(error, doing)),
    close: () => pool.close(),
  };
}

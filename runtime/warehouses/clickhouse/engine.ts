import type { Engine } from '../engine.ts';
import { check } from './check.ts';
import type { LoadClient } from './client.ts';
import { openClient } from './client.ts';
import { addColumns, createTable } from './definition.ts';
import { describeTable } from './describe.ts';
import { wrapClickhouse } from './errors.ts';
import { createTurns } from './turns.ts';
import { refuseClickhouse } from './types.ts';
import { readClickhouseUrl } from './url.ts';
import { widenColumn } from './widen.ts';
import { amend, read, restore, upsert } from './write.ts';

/** Names become names of files, which are longer by what is added and escaped. */
const LONGEST_NAME = 127;

/**
 * ClickHouse over HTTP. `url` as `readClickhouseUrl` says; `schema` is the database where the url names none or another;
 * `poolSize` wins over the url's `connections`. Connects on first use. Throws UNSUPPORTED where the client's package is not
 * installed, WAREHOUSE_ERROR where the url is wrong.
 */
export async function openClickhouse(
  destination: { url?: string | undefined; schema?: string | undefined; poolSize?: number | undefined },
  load?: LoadClient,
): Promise<Engine> {
  const address = readClickhouseUrl(destination.url, destination.schema);
  const connections = destination.poolSize ?? address.connections;
  const clickhouse = await openClient({ ...address, connections }, load);
  const inTurn = createTurns();
  return {
    limits: { identifier: LONGEST_NAME, inBytes: true },
    describe: (call, table) => describeTable(clickhouse, call, table),
    createTable: (call, name, columns, primaryKey) =>
      createTable(clickhouse, call, { name, columns, primaryKey }),
    addColumns: (call, name, columns) => addColumns(clickhouse, call, { name, columns }),
    widen: (call, table, column, kind) => widenColumn(clickhouse, call, { table, column, kind }),
    upsert: (call, batch) => inTurn(call, batch.table.name, () => upsert(clickhouse, call, batch)),
    amend: (call, batch) => inTurn(call, batch.table.name, () => amend(clickhouse, call, batch)),
    restore: (call, batch) => inTurn(call, batch.table.name, () => restore(clickhouse, call, batch)),
    read: async (call, table, keys) => (keys.length === 0 ? [] : await read(clickhouse, call, table, keys)),
    query: (call, sql, most) => clickhouse.select(call, sql, most),
    check: (call, table) => check(clickhouse, call, table),
    refuse: refuseClickhouse,
    wrap: wrapClickhouse,
    close: () => clickhouse.close(),
  };
}

import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Cell } from '../../core/destinations.ts';
import type { Batch, Column, Engine } from '../engine.ts';
import { withFaultyColumn } from '../shared/faulty-column.ts';
import { adaptValue } from './adapt.ts';
import { amendRows } from './amend.ts';
import { checkServer } from './check.ts';
import { addColumns, createTable, ensureSchema, tableName, unlessMade } from './define.ts';
import { describeTable } from './describe.ts';
import { quote } from './dialect.ts';
import { queryRows } from './query.ts';
import { lockedRows, readRows } from './read.ts';
import { refuseValue } from './refuse.ts';
import { restoreRows } from './restore.ts';
import type { Runner, Session } from './session.ts';
import { tryValue, upsertRows } from './upsert.ts';
import { widenColumn } from './widen.ts';
import { wrapPostgres } from './wrap.ts';

/** What an engine of this dialect runs on. */
export interface PostgresOptions {
  runner: Runner;
  /** Where its tables are. Default: `public`. */
  schema?: string | undefined;
  /** Such as 150004. Default: what the server says. */
  serverVersion?: number | undefined;
}

/** Longer names would be cut without a word. */
const MAX_IDENTIFIER = 63;

/** PostgreSQL 15 or newer, and whatever speaks its dialect in full. */
export function createPostgresEngine({
  runner,
  schema = 'public',
  serverVersion: version,
}: PostgresOptions): Engine {
  const at = (table: string) => tableName(schema, table);
  async function run<T>(call: Call, doing: string, work: (session: Session) => Promise<T>): Promise<T> {
    return await told(doing, () => runner.transaction(call, work));
  }

  /** What is one statement, or several that need no transaction together. */
  async function each<T>(call: Call, doing: string, work: (session: Session) => Promise<T>): Promise<T> {
    return await told(doing, () => work(runner.each(call)));
  }

  async function serverVersion(session: Session): Promise<number> {
    if (version !== undefined) return version;
    const [row] = await session.query("SELECT current_setting('server_version_num')");
    version = Number(row?.[0]);
    return version;
  }

  const describe = (call: Call, table: string) =>
    each(call, `looking at table ${table}`, session => describeTable(session, schema, table));

  return {
    limits: { identifier: MAX_IDENTIFIER, inBytes: true },
    describe,
    createTable: async (call, table, columns, primaryKey) => {
      const doing = `creating table ${table}`;
      await each(call, doing, session => ensureSchema(session, schema));
      await unlessMade(
        () => run(call, doing, session => createTable(session, at(table), { columns, primaryKey })),
        async () => (await describe(call, table)) !== undefined,
      );
    },
    addColumns: (call, table, columns) =>
      run(call, `adding columns to table ${table}`, session => addColumns(session, at(table), columns)),
    jsonType: 'jsonb',
    adapt: adaptValue,
    widen: (call, table, column, kind) =>
      run(call, `widening column ${column.name} of table ${table.name}`, session =>
        widenColumn(session, at(table.name), column, kind),
      ),
    upsert: async (call, batch) => {
      try {
        await upsertRows(runner.each(call), at(batch.table.name), batch);
      } catch (error) {
        if (isWithoutKey(error)) throw noKey(schema, batch.table.name, batch.primaryKey, error);
        throw await named(call, batch, wrapPostgres(error, `loading into table ${batch.table.name}`));
      }
    },
    amend: (call, batch) =>
      each(call, `amending table ${batch.table.name}`, async session =>
        amendRows(session, at(batch.table.name), batch, await serverVersion(session)),
      ).catch(async error => {
        throw await named(call, batch, error);
      }),
    restore: (call, batch) =>
      each(call, `restoring table ${batch.table.name}`, session =>
        restoreRows(session, at(batch.table.name), batch),
      ),
    read: (call, table, keys) =>
      each(call, `reading table ${table.name}`, session => readRows(session, at(table.name), table, keys)),
    locked: (call, table, keys) =>
      each(call, `looking for locks of table ${table.name}`, session =>
        lockedRows(session, at(table.name), table, keys),
      ),
    query: (call, sql, most) =>
      told('querying', () => runner.reading(call, session => queryRows(session, { sql, most, schema }))),
    check: (call, table) => run(call, 'checking', session => checkServer(session, schema, table)),
    refuse: (column: Column, value: Cell) => refuseValue(column, value),
    wrap: wrapPostgres,
    close: () => runner.close(),
  };

  /** The server does not say which column a value did not fit. */
  async function named(call: Call, batch: Batch, error: unknown): Promise<unknown> {
    return await withFaultyColumn(error, batch, (column, value) =>
      each(call, 'looking at a value', session => tryValue(session, column, value)),
    );
  }
}

async function told<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wrapPostgres(error, doing);
  }
}

function isWithoutKey(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '42P10';
}

function noKey(schema: string, table: string, key: readonly string[], cause: unknown): PackError {
  const columns = key.map(quote).join(', ');
  return new PackError(
    'WAREHOUSE_ERROR',
    `table ${table} has no primary key or unique index over ${key.join(', ')}: ALTER TABLE ${tableName(schema, table)} ADD PRIMARY KEY (${columns})`,
    { cause },
  );
}

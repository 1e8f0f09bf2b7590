import type { Call } from '../../core/call.ts';
import type { Batch, Engine } from '../engine.ts';
import { withFaultyColumn } from '../shared/faulty-column.ts';
import { amend, restore } from './amend.ts';
import { check } from './check.ts';
import { addColumns, createTable, describe, tableSql } from './define.ts';
import { wrapError } from './errors.ts';
import { quote } from './names.ts';
import type { LoadSdk } from './sdk.ts';
import { loadSdk } from './sdk.ts';
import { createSessions } from './sessions.ts';
import type { SnowflakeSettings } from './settings.ts';
import { readSettings } from './settings.ts';
import { refusal } from './types.ts';
import { read, tryValue, upsert } from './write.ts';

/** Snowflake's own limit of names. */
const LONGEST_NAME = 255;
/** Half of what a VARCHAR and a VARIANT hold: a row travels as one VARIANT, escaped as JSON. */
const MAX_TEXT = 8 * 2 ** 20;

/** Loads the SDK and prepares sessions; nothing is connected before the first call. Throws UNSUPPORTED without the SDK. */
export async function openSnowflake(settings: SnowflakeSettings, load?: LoadSdk): Promise<Engine> {
  const options = readSettings(settings);
  const sessions = createSessions(await loadSdk(load), options, settings.poolSize);
  /** Of a value that cannot be cast Snowflake does not say the column. */
  const faulty = (call: Call, batch: Batch) => async (error: unknown) => {
    const found = await withFaultyColumn(error, batch, (column, value) =>
      tryValue(sessions, call, column, value),
    );
    throw found;
  };
  return {
    limits: { identifier: LONGEST_NAME, text: MAX_TEXT, bytes: MAX_TEXT },
    describe: (call, table) => describe(sessions, call, table),
    createTable: (call, name, columns, primaryKey) =>
      createTable(sessions, call, { name, columns, primaryKey }),
    addColumns: async (call, name, columns) => {
      const table = await describe(sessions, call, name);
      await addColumns(sessions, call, { table: table ? tableSql(table) : quote(name), columns });
    },
    jsonType: 'VARIANT',
    upsert: (call, batch) => upsert(sessions, call, batch).catch(faulty(call, batch)),
    amend: (call, batch) => amend(sessions, call, batch).catch(faulty(call, batch)),
    restore: (call, batch) => restore(sessions, call, batch),
    read: (call, table, keys) => read(sessions, call, { table, keys }),
    // A statement within a SELECT is one that reads.
    query: (call, sql, most) =>
      sessions.ask(call, { sql: `SELECT * FROM (${sql}\n) LIMIT ${most}`, doing: 'a query' }),
    check: (call, table) => check(sessions, call, table),
    refuse: refusal,
    wrap: wrapError,
    close: () => sessions.close(),
  };
}

import type { Call } from '../../core/call.ts';
import type { Batch, Engine } from '../engine.ts';
import { createTable, ensureSchema, tableName, unlessMade } from '../postgres/define.ts';
import { quote } from '../postgres/dialect.ts';
import { refuseValue } from '../postgres/refuse.ts';
import type { Runner, Session } from '../postgres/session.ts';
import { wrapPostgres } from '../postgres/wrap.ts';
import { withFaultyColumn } from '../shared/faulty-column.ts';
import { checkRedshift } from './check.ts';
import { addColumns, describeTable } from './define.ts';
import { MAX_TEXT, tryValue, typeOf } from './types.ts';
import type { Named } from './write.ts';
import { amendRows, readRows, restoreRows, upsertRows } from './write.ts';

/** What an engine of this dialect runs on. */
export interface RedshiftOptions {
  runner: Runner;
  /** Where its tables are. Default: `public`. */
  schema?: string | undefined;
}

const MAX_IDENTIFIER = 127;
/** Half of what a statement may have. */
const MAX_BYTES = 8 * 2 ** 20;

/**
 * Redshift. Rows to write go into a temporary table, and from there by UPDATE and INSERT under a lock of the table, as
 * primary keys are not enforced. Names are lowercase, because Redshift makes them so unless a cluster is told otherwise.
 */
export function createRedshiftEngine({ runner, schema = 'public' }: RedshiftOptions): Engine {
  const own = (table: string) => table.toLowerCase();
  const named = (table: string): Named => ({ full: tableName(schema, own(table)), own: quote(own(table)) });

  async function run<T>(call: Call, doing: string, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await runner.transaction(call, work);
    } catch (error) {
      throw wrapPostgres(error, doing);
    }
  }

  /** The cluster does not say which column a value did not fit. */
  function faulty(call: Call, batch: Batch) {
    return async (error: unknown): Promise<never> => {
      throw await withFaultyColumn(error, batch, (column, value) =>
        run(call, 'looking at a value', session => tryValue(session, column, value)),
      );
    };
  }

  const describe = (call: Call, table: string) =>
    run(call, `looking at table ${table}`, async session => {
      const found = await describeTable(session, schema, own(table));
      return found && { ...found, name: table };
    });

  return {
    limits: {
      identifier: MAX_IDENTIFIER,
      inBytes: true,
      foldsCase: true,
      text: MAX_TEXT,
      bytes: MAX_BYTES,
    },
    describe,
    createTable: async (call, table, columns, primaryKey) => {
      const doing = `creating table ${table}`;
      await ensureSchema(runner.each(call), schema).catch(error => {
        throw wrapPostgres(error, doing);
      });
      // The key tells people and the planner what kvflow keeps; Redshift does not enforce it.
      const definition = { columns, primaryKey, type: typeOf };
      await unlessMade(
        () => run(call, doing, session => createTable(session, named(table).full, definition)),
        async () => (await describe(call, table)) !== undefined,
      );
    },
    addColumns: (call, table, columns) =>
      run(call, `adding columns to table ${table}`, session =>
        addColumns(session, named(table).full, columns),
      ),
    upsert: (call, batch) =>
      run(call, `loading into table ${batch.table.name}`, session =>
        upsertRows(session, named(batch.table.name), batch),
      ).catch(faulty(call, batch)),
    amend: (call, batch) =>
      run(call, `amending table ${batch.table.name}`, session =>
        amendRows(session, named(batch.table.name), batch),
      ).catch(faulty(call, batch)),
    restore: (call, batch) =>
      run(call, `restoring table ${batch.table.name}`, session =>
        restoreRows(session, named(batch.table.name), batch),
      ),
    read: (call, table, keys) =>
      run(call, `reading table ${table.name}`, session => readRows(session, named(table.name), table, keys)),
    check: (call, table) => run(call, 'checking', session => checkRedshift(session, schema, table)),
    refuse: refuseValue,
    wrap: wrapPostgres,
    close: () => runner.close(),
  };
}

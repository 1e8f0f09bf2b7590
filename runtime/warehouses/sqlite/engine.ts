import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Call } from '../../core/call.ts';
import type { Engine } from '../engine.ts';
import { cellsOf } from '../shared/cells.ts';
import { beforeDeadline, whileAwaited } from '../shared/deadline.ts';
import { wrapSqlite } from './errors.ts';
import type { Operations } from './operations.ts';
import type { RunningQuery } from './query.ts';
import { startQuery } from './query.ts';
import type { SqliteThread } from './thread.ts';
import { openThread } from './thread.ts';
import { refuseSqlite } from './types.ts';

const LONGEST_NAME = 255;

/** Where SQLite is. */
export interface SqlitePlace {
  /** Made where it is missing; `:memory:` for none. */
  file: string;
  /** Opens it where its statements run. Default: in a thread of its own. */
  open?: (file: string) => Promise<SqliteThread>;
}

/**
 * SQLite of Node itself, in a file that is made where it is missing. It is opened by the first call. Several processes may
 * have it open: they write one after the other.
 */
export function openSqlite({ file, open: openAt = openThread }: SqlitePlace): Engine {
  let opening: Promise<SqliteThread> | undefined;
  const queries = new Set<RunningQuery>();

  async function open(): Promise<SqliteThread> {
    const opened = await opening;
    if (opened?.isGone) opening = undefined;
    opening ??= mkdir(dirname(file), { recursive: true })
      .then(() => openAt(file))
      .catch(error => {
        opening = undefined;
        throw error;
      });
    return await opening;
  }

  async function run<Name extends keyof Operations>(
    call: Call,
    doing: string,
    [name, ...args]: [Name, ...Parameters<Operations[Name]>],
  ): Promise<ReturnType<Operations[Name]>> {
    try {
      // What runs cannot be ended: past the deadline it ends unheard.
      return await beforeDeadline(
        call,
        open().then(thread => thread.run(name, ...args)),
      );
    } catch (error) {
      throw wrapSqlite(error, doing);
    }
  }

  return {
    limits: { identifier: LONGEST_NAME, foldsCase: true },
    describe: (call, table) => run(call, `looking at table ${table}`, ['describe', table]),
    createTable: (call, table, columns, primaryKey) =>
      run(call, `creating table ${table}`, ['createTable', table, columns, primaryKey]),
    addColumns: (call, table, columns) =>
      run(call, `adding columns to table ${table}`, ['addColumns', table, columns]),
    widen: (call, table, column, kind) =>
      run(call, `widening column ${column.name} of table ${table.name}`, ['widen', table, column, kind]),
    jsonType: 'JSON',
    upsert: (call, batch) => run(call, `loading into table ${batch.table.name}`, ['upsert', batch]),
    amend: async (call, batch) => {
      const found = await run(call, `amending table ${batch.table.name}`, ['amend', batch]);
      return found.map(each => (typeof each === 'string' ? each : { old: cellsOf(each.old) }));
    },
    restore: (call, batch) => run(call, `restoring table ${batch.table.name}`, ['restore', batch]),
    read: async (call, table, keys) => {
      if (keys.length === 0) return [];
      const pairs = keys.map(key => Object.entries(key));
      const rows = await run(call, `reading table ${table.name}`, ['read', table, pairs]);
      return rows.map(row => row && cellsOf(row));
    },
    query: async (call, sql, most) => {
      // Opened, so that the file is there.
      await run(call, 'querying', ['version']);
      const running = startQuery(file, sql, most);
      queries.add(running);
      try {
        return await whileAwaited(call, running.found);
      } catch (error) {
        throw wrapSqlite(error, 'querying');
      } finally {
        queries.delete(running);
        running.end();
      }
    },
    check: async (call, table) => {
      const version = await run(call, 'checking', ['version']);
      return [
        { what: 'connection', ok: true, detail: `SQLite ${version}, ${file}` },
        ...(table
          ? [
              {
                what: 'primary key',
                ok: table.primaryKey.length > 0,
                detail: table.primaryKey.join(', ') || 'none',
              },
            ]
          : []),
      ];
    },
    refuse: refuseSqlite,
    wrap: wrapSqlite,
    close: async () => {
      for (const running of queries) running.end();
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      await opened?.close();
    },
  };
}

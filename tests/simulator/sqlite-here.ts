import { DatabaseSync } from 'node:sqlite';
import type { Destination } from '../../runtime/core/destinations.ts';
import type { Engine } from '../../runtime/warehouses/engine.ts';
import { cellsOf } from '../../runtime/warehouses/shared/cells.ts';
import { createLoader } from '../../runtime/warehouses/shared/loader.ts';
import type { MisfitPolicy } from '../../runtime/warehouses/shared/misfits.ts';
import { wrapSqlite } from '../../runtime/warehouses/sqlite/errors.ts';
import type { Operations } from '../../runtime/warehouses/sqlite/operations.ts';
import { createOperations } from '../../runtime/warehouses/sqlite/operations.ts';
import { refuseSqlite } from '../../runtime/warehouses/sqlite/types.ts';

/**
 * A warehouse of SQLite in memory, in this process: the product has it on a thread of its own, whose answers would come at moments
 * that no seed decides. `policy` says what becomes of values that their columns do not take; `takes`, asked before each write, how many
 * milliseconds it takes.
 */
export function sqliteHere(
  policy: MisfitPolicy = 'auto',
  takes: () => number = () => 0,
  operations: Operations = createOperations(new DatabaseSync(':memory:')),
): Destination {
  const engine: Engine = {
    limits: { identifier: 255, foldsCase: true },
    describe: async (_call, table) => operations.describe(table),
    createTable: async (_call, ...args) => operations.createTable(...args),
    addColumns: async (_call, ...args) => operations.addColumns(...args),
    widen: async (_call, ...args) => operations.widen(...args),
    jsonType: 'JSON',
    upsert: async (_call, batch) => {
      await slowly(takes());
      return wrapped('loading', () => operations.upsert(batch));
    },
    amend: async (_call, batch) => {
      await slowly(takes());
      const found = wrapped('amending', () => operations.amend(batch));
      return found.map(each => (typeof each === 'string' ? each : { old: cellsOf(each.old) }));
    },
    restore: async (_call, batch) => operations.restore(batch),
    read: async (_call, table, keys) => {
      const pairs = keys.map(key => Object.entries(key));
      return operations.read(table, pairs).map(row => row && cellsOf(row));
    },
    check: async () => [],
    refuse: refuseSqlite,
    wrap: wrapSqlite,
    close: async () => undefined,
  };
  return createLoader({
    name: 'memory',
    type: 'sqlite',
    engine,
    locked: (_call, _names, work) => work(),
    table: 'events',
    primaryKeyFields: ['event_id'],
    misfits: { policy, byColumn: new Map() },
  });
}

function wrapped<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw wrapSqlite(error, doing);
  }
}

async function slowly(ms: number): Promise<void> {
  if (ms > 0) await new Promise(resolve => setTimeout(resolve, ms));
}

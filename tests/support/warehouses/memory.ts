import { DatabaseSync } from 'node:sqlite';
import { PackError } from '../../../contract/errors.ts';
import type {
  Cell,
  Cells,
  Destination,
  Destinations,
  TableTarget,
} from '../../../runtime/core/destinations.ts';
import type { Queried } from '../../../runtime/warehouses/engine.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { openSqlite } from '../../../runtime/warehouses/sqlite/engine.ts';
import { wrapSqlite } from '../../../runtime/warehouses/sqlite/errors.ts';
import { createOperations } from '../../../runtime/warehouses/sqlite/operations.ts';
import type { SqliteThread } from '../../../runtime/warehouses/sqlite/thread.ts';

type Row = Cells<Cell>;
type Method = 'load' | 'amend' | 'dryRun' | 'restore' | 'read';

/** SQLite in memory, whose requests are counted and can be made to fail: for tests of recognition itself. */
export interface MemoryDestination extends Destination {
  /** How many requests of each kind there were. */
  readonly requests: Record<Method, number>;
  /** While set, every request fails with it. */
  fault: PackError | undefined;
  /** Refuses single events. */
  refuse: (event: Readonly<Record<string, unknown>>) => PackError | undefined;
  /** A row by its key, without the columns that are NULL. */
  row(table: string, key: string): Row | undefined;
  /** All rows of a table by their keys, in the order they were made; none where there is no table. */
  rows(table: string): Map<string, Row>;
  /** Runs statements behind kvflow's back. */
  sql(statements: string): void;
  /** Takes all rows out, the same way. */
  clear(table: string): void;
}

/** Makes one. */
export function memoryDestination(
  name = 'memory',
  { query, tables, ...defaults }: Partial<TableTarget> & { query?: boolean; tables?: string[] } = {},
): MemoryDestination {
  const database = new DatabaseSync(':memory:');
  const { table = 'events', primaryKeyFields = ['event_id'] } = defaults;
  const sqlite = createLoader({
    name,
    type: 'memory',
    engine: {
      ...openSqlite({ file: ':memory:', open: async () => here(database) }),
      query: async (_call, sql, most) => queryHere(database, sql, most),
    },
    query,
    tables,
    locked: (_call, _names, work) => work(),
    table,
    primaryKeyFields,
    misfits: { policy: 'auto', byColumn: new Map() },
  });
  const requests = { load: 0, amend: 0, dryRun: 0, restore: 0, read: 0 };
  const begin = (kind: Method) => {
    if (destination.fault) throw destination.fault;
    requests[kind] += 1;
  };
  const rows = (of: string): Map<string, Row> => {
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(of);
    if (!isThere) return new Map();
    const statement = database.prepare(`SELECT * FROM "${of}" ORDER BY rowid`);
    statement.setReadBigInts(true);
    return new Map(
      statement.all().map(row => {
        const said = Object.entries(row)
          .filter(([, value]) => value !== null)
          .map(([column, value]) => [column, asUsual(value as Cell)] as const);
        return [primaryKeyFields.map(field => String(row[field])).join('/'), Object.fromEntries(said)];
      }),
    );
  };
  const destination: MemoryDestination = {
    ...sqlite,
    requests,
    fault: undefined,
    refuse: () => undefined,
    row: (of, key) => rows(of).get(key),
    rows,
    sql: statements => database.exec(statements),
    clear: of => database.exec(`DELETE FROM "${of}"`),
    load: async (call, target, events) => {
      begin('load');
      const errors = events.map(({ event }) => destination.refuse(event));
      const rest = await sqlite.load(call, target, allowed(events, errors));
      return errors.map(error => error ?? rest.shift());
    },
    amend: async (call, target, amended) => {
      begin('amend');
      const errors = amended.map(({ event }) => destination.refuse(event));
      const rest = await sqlite.amend(call, target, allowed(amended, errors));
      return errors.map(error =>
        error ? { state: 'failed', error } : (rest.shift() ?? { state: 'unchanged' }),
      );
    },
    dryRun: async (...args) => {
      begin('dryRun');
      return await sqlite.dryRun(...args);
    },
    restore: async (...args) => {
      begin('restore');
      return await sqlite.restore(...args);
    },
    read: async (...args) => {
      begin('read');
      return await sqlite.read(...args);
    },
  };
  return destination;
}

function allowed<T>(all: readonly T[], errors: readonly (PackError | undefined)[]): T[] {
  return all.filter((_, index) => !errors[index]);
}

/** In this thread, where a test may look at it at once. */
function here(database: DatabaseSync): SqliteThread {
  const operations = createOperations(database);
  return {
    run: async (name, ...args) => {
      const operation = operations[name] as (...all: unknown[]) => never;
      return operation(...args);
    },
    isGone: false,
    close: async () => database.close(),
  };
}

/** As many rows as are asked for, and nothing else that bounds it. */
function queryHere(database: DatabaseSync, sql: string, most: number): Queried {
  try {
    const statement = database.prepare(`SELECT * FROM (${sql}\n) LIMIT ${most}`);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    return { columns, rows: statement.all() as unknown as unknown[][] };
  } catch (error) {
    throw wrapSqlite(error, 'querying');
  }
}

/** The destinations of a test. */
export function memoryDestinations(...all: Destination[]): Destinations {
  return {
    names: all.map(({ name }) => name).sort(),
    open: async name => {
      const found = all.find(destination => destination.name === name);
      if (!found) throw new PackError('DESTINATION_NOT_FOUND', `There is no destination "${name}".`);
      return found;
    },
  };
}

/** What a warehouse that cannot be reached says. */
export function warehouseAway(): PackError {
  return new PackError('UNAVAILABLE', 'The warehouse is out of reach.');
}

/** A whole number that a number holds is one. */
function asUsual(value: Cell): Cell {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

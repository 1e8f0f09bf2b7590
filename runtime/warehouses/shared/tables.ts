import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Column, ColumnKind, Engine, Table } from '../engine.ts';
import { shown } from './cells.ts';
import type { Locked } from './lock.ts';

/** What this process knows of a destination's tables. */
export interface Tables {
  /** Undefined: there is none. Asks the warehouse unless it was asked before. */
  current(call: Call, table: string): Promise<Table | undefined>;
  /** Asks again, unless that was done within the last second. Whether it did. */
  refresh(call: Call, table: string): Promise<boolean>;
  /** Asks now, whatever is known. */
  look(call: Call, table: string): Promise<Table | undefined>;
  /** Asks again when it is needed next. */
  forget(table: string): void;
  /** Makes the table, or the columns it lacks, and answers the table as it then is. */
  grow(call: Call, table: string, columns: readonly Column[], primaryKey: readonly string[]): Promise<Table>;
  /**
   * Makes columns wider that the warehouse can make so. Each is tried once by this process, until the table is forgotten:
   * {@link canWiden}.
   */
  widen(call: Call, table: string, kinds: ReadonlyMap<string, ColumnKind>): Promise<Table | undefined>;
  canWiden(table: string, column: string, kind: ColumnKind): boolean;
}

const REFRESH_MS = 1_000;
/** What a table of this size takes longer for is not done while a call waits. */
const WIDEN_MS = 10_000;

/** The kinds of columns that become wider by being made of a kind: a smaller one for whole numbers, days for times. */
const NARROWER: Partial<Record<ColumnKind, readonly ColumnKind[]>> = {
  bigint: ['bigint'],
  double: ['bigint'],
  timestamp: ['other'],
  text: ['bigint', 'double', 'boolean', 'timestamp'],
};

/** What the last look saw. */
interface Known {
  /** Undefined: there was none, which is asked for again. */
  table: Table | undefined;
  at: number;
  /** Number of the look that saw it so. */
  look: number;
}

/** Caches tables per destination and defines them under a lock that all processes share. */
export function createTables(engine: Engine, destination: string, locked: Locked): Tables {
  const known = new Map<string, Known>();
  const defining = new Map<string, Promise<unknown>>();
  /** By table: columns with the kinds that were tried, as JSON. */
  const tried = new Map<string, Set<string>>();

  let looks = 0;
  /** What this look saw, or one before it, is not kept: a table was forgotten since. */
  let forgotten = 0;

  async function describe(call: Call, name: string): Promise<Table | undefined> {
    looks += 1;
    const look = looks;
    const table = await engine.describe(call, name);
    const newer = known.get(name);
    // One that began later, and was answered earlier, may have seen columns that were not there yet, or that the table is gone.
    if (newer && newer.look > look) return newer.table;
    if (look > forgotten) known.set(name, { table, at: table ? Date.now() : 0, look });
    return table;
  }

  async function define(call: Call, name: string, columns: readonly Column[], primaryKey: readonly string[]) {
    const made = known.get(name)?.table;
    if (made && columns.every(column => made.columns.has(column.name))) return made;
    return await locked(call, [destination, name], async () => {
      // Another process may have done it while this one waited.
      const before = await describe(call, name);
      const missing = columns.filter(column => !before?.columns.has(column.name)).sort(byName);
      if (!before) await engine.createTable(call, name, missing, primaryKey);
      else if (missing.length > 0) await engine.addColumns(call, name, missing);
      else return before;
      const after = await describe(call, name);
      if (after) return after;
      throw new PackError(
        'WAREHOUSE_ERROR',
        `table ${shown(name)} was made and is not there: is it dropped elsewhere?`,
      );
    });
  }

  async function widenOne(call: Call, table: Table, name: string, kind: ColumnKind): Promise<void> {
    const column = table.columns.get(name);
    // Another process may have made it as wide while this one waited, or of a kind that would lose by it.
    if (!column || !NARROWER[kind]?.includes(column.kind)) return;
    if (!engine.widen || table.primaryKey.includes(name)) return;
    const within = { ...call, deadline: Math.min(call.deadline, Date.now() + WIDEN_MS) };
    try {
      await engine.widen(within, table, column, kind);
    } catch (error) {
      if (error instanceof PackError && error.code === 'UNAVAILABLE') throw error;
      // Without the right to do so, with a view in the way, or too large a table: the values go beside their rows.
    }
  }

  async function widen(call: Call, name: string, kinds: ReadonlyMap<string, ColumnKind>) {
    return await locked(call, [destination, name], async () => {
      const table = await describe(call, name);
      const done = tried.get(name) ?? new Set<string>();
      tried.set(name, done);
      for (const [column, kind] of table ? kinds : []) {
        if (table) await widenOne(call, table, column, kind);
        done.add(JSON.stringify([column, kind]));
      }
      return await describe(call, name);
    });
  }

  return {
    widen,
    look: describe,
    canWiden: (table, column, kind) =>
      engine.widen !== undefined && !tried.get(table)?.has(JSON.stringify([column, kind])),
    current: async (call, name) => known.get(name)?.table ?? (await describe(call, name)),
    refresh: async (call, name) => {
      if (Date.now() - (known.get(name)?.at ?? 0) < REFRESH_MS) return false;
      await describe(call, name);
      return true;
    },
    forget: name => {
      forgotten = looks;
      known.delete(name);
      tried.delete(name);
    },
    grow: async (call, name, columns, primaryKey) => {
      // Callers of one process queue here, so that they need not poll for each other's lock.
      const turn = (defining.get(name) ?? Promise.resolve()).then(() =>
        define(call, name, columns, primaryKey),
      );
      const quiet = turn.catch(() => undefined);
      defining.set(name, quiet);
      try {
        return await turn;
      } finally {
        if (defining.get(name) === quiet) defining.delete(name);
      }
    },
  };
}

function byName(a: Column, b: Column): number {
  return a.name < b.name ? -1 : 1;
}

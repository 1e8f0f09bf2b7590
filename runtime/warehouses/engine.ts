import type { Call } from '../core/call.ts';
/** The contract of one warehouse engine: what differs between them. What is the same is in shared/. */

import type { PackError } from '../../contract/errors.ts';
import type { AmendConflict, Cell, Cells, DestinationFinding } from '../core/destinations.ts';

/** Types that kvflow creates columns of, and `other` for whatever else is there already. */
export type ColumnKind = 'text' | 'bigint' | 'double' | 'boolean' | 'timestamp' | 'other';

/** A column of a table. */
export interface Column {
  name: string;
  kind: ColumnKind;
  /** The engine's own type: as it is in the table, or as `__sql_type_` asks. Undefined: the engine's type for `kind`. */
  sqlType?: string | undefined;
  /** The type to cast values to on the way in, where `__sql_type_` gives one. */
  castType?: string | undefined;
  /** It holds JSON: objects go into it whole. */
  json?: true;
}

/** A table as it is in the warehouse now. */
export interface Table {
  name: string;
  columns: ReadonlyMap<string, Column>;
  /** Columns of its primary key (ClickHouse: sorting key), in order; empty where it has none. */
  primaryKey: readonly string[];
  /** Its definition has {@link NAMES_MARK}: kvflow made it, and no column of it has a name of an earlier build's making. */
  isMarked?: boolean;
}

/**
 * Stands in the comment of tables that kvflow makes. Before it, names of columns had a-z, 0-9 and _ alone: in a table without
 * it a column `_` may be what became of a field `é`, and goes on.
 */
export const NAMES_MARK = 'kvflow names 2';

/** Rows to write: one array per column, null where a row does not have the column. No two rows have the same key. */
export interface Batch {
  table: Table;
  primaryKey: readonly string[];
  columns: readonly Column[];
  /** `values[column][row]`. */
  values: readonly (readonly (Cell | null)[])[];
  /** Per row. */
  versions: readonly bigint[];
  rows: number;
}

/** Rows to amend: `batch` holds the primary key's and the identity's columns only. */
export interface AmendBatch extends Batch {
  identity: readonly string[];
  conflict: AmendConflict;
  /** What counts as no value in a column of the identity, besides NULL: see `isEmptyCell`. */
  empty: ReadonlySet<string>;
}

/** What an engine found of one row of an {@link AmendBatch}. */
export type AmendFound =
  /** No such row. */
  | 'missing'
  /** Nothing to change, or not allowed. */
  | 'unchanged'
  /** Changed; the identity columns as they were before. */
  | { old: Cells<Cell | null> };

/** Rows to set back: per row which columns from what to what. */
export interface RestoreBatch {
  table: Table;
  rows: { key: Cells; columns: Cells<{ from: Cell; to: Cell | null }>; version: bigint }[];
}

/** What a query found: `rows[row][column]`. */
export interface Queried {
  columns: string[];
  rows: unknown[][];
}

/**
 * One warehouse engine, connected. A foreign error is wrapped by `wrap` where it is caught.
 * @example
 * import { PackError } from '../../contract/errors.ts';
 * import type { Engine } from './engine.ts';
 *
 * // An engine without tables: what each method is to do is said below.
 * export const empty: Engine = {
 *   limits: { identifier: 63 },
 *   describe: async () => undefined,
 *   createTable: async () => undefined,
 *   addColumns: async () => undefined,
 *   upsert: async () => undefined,
 *   amend: async () => [],
 *   restore: async () => [],
 *   read: async (_call, _table, keys) => keys.map(() => undefined),
 *   check: async () => [{ what: 'connection', ok: true, detail: 'is there' }],
 *   wrap: (error, doing) => new PackError('WAREHOUSE_ERROR', `${doing}: ${String(error)}`),
 *   close: async () => undefined,
 * };
 */
export interface Engine {
  readonly limits: {
    /** Most characters of a table's or column's name. Longer tables are refused, columns cut with a hash at their end. */
    identifier: number;
    /** `identifier` counts bytes. */
    inBytes?: true;
    /** Names of columns are told apart without regard to case. */
    foldsCase?: true;
    /** Names hold no characters above U+FFFF. */
    isBasicOnly?: true;
    /** Most bytes of a text value; undefined: no limit of its own. */
    text?: number;
    /** Most bytes of values in one statement, about; the loader splits what is more. Default: 32 MiB. */
    bytes?: number;
  };
  /** Undefined: there is no such table. Throws WAREHOUSE_ERROR where the table cannot be used (ClickHouse's engine). */
  describe(call: Call, table: string): Promise<Table | undefined>;
  /** Called under the lock of the table's definition. `columns` are sorted by name; key columns are NOT NULL. */
  createTable(
    call: Call,
    table: string,
    columns: readonly Column[],
    primaryKey: readonly string[],
  ): Promise<void>;
  /** Called under the lock. A column that another made meanwhile is no error. */
  addColumns(call: Call, table: string, columns: readonly Column[]): Promise<void>;
  /**
   * Makes a column of another kind that holds all that it holds, without changing a value. Called under the lock. Where
   * this column cannot be (computed, values that the new type would change) it stays as it is. Without it none can.
   */
  widen?(call: Call, table: Table, column: Column, kind: ColumnKind): Promise<void>;
  /**
   * A value, in JSON where it was a list, as a column of the engine's own types takes it. Asked for columns of the kind
   * `other` alone. Default: as it is.
   */
  adapt?(column: Column, value: Cell): Cell;
  /** The type to make a column of JSON objects as. Default: the one of text. */
  jsonType?: string;
  /** Inserts rows, or sets the given (not null) columns of those that are there. All or nothing. */
  upsert(call: Call, batch: Batch): Promise<void>;
  /** In one statement, or a constant number of them. */
  amend(call: Call, batch: AmendBatch): Promise<AmendFound[]>;
  restore(call: Call, batch: RestoreBatch): Promise<boolean[]>;
  read(call: Call, table: Table, keys: readonly Cells[]): Promise<(Cells<Cell | null> | undefined)[]>;
  /**
   * Which rows another transaction holds, by their keys: asked where a statement failed with `details.locked: true`, as it had
   * waited for a lock too long. Without it such a statement fails all its rows.
   */
  locked?(call: Call, table: Table, keys: readonly Cells[]): Promise<boolean[]>;
  /**
   * Runs one SELECT that cannot write, and answers at most `most` rows. Without it the warehouse is not asked.
   */
  query?(call: Call, sql: string, most: number): Promise<Queried>;
  /** Connection, permissions, and what is special to the engine. */
  check(call: Call, table: Table | undefined): Promise<DestinationFinding[]>;
  /**
   * Why this engine cannot store the value in the column ("holds a NUL character"); undefined: it can. Asked after the
   * loader made the value fit the column's kind, and before a missing column is made (`sqlType` is then what was asked
   * for, if anything was). Lone surrogates, too long names and `limits.text` are refused by the loader itself.
   */
  refuse?(column: Column, value: Cell): string | undefined;
  /**
   * UNAVAILABLE and TIMEOUT for a lost or slow connection; WAREHOUSE_ERROR otherwise, `details.column` where the
   * warehouse names one, and `details.rows: true` where single rows are at fault (a value, or a column or type that one
   * row wants to be made): the loader then finds them by halves. `details.stale: true` where the table or a column is
   * not, or no longer, there: the loader describes it anew and tries once more. `details.forbidden: true` where a right is
   * missing: without the right to add columns only the rows that need one are refused. `details.value: true` besides `rows`
   * and `column` where it is the value itself that the column does not take: it may go beside its row. No flag reaches the
   * caller.
   */
  wrap(error: unknown, doing: string): PackError;
  close(): Promise<void>;
}

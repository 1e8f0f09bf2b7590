import type { Call } from './call.ts';
/** What functions may ask of the warehouses of kvflow.yaml. Implemented in runtime/warehouses. */

import type { PackError } from '../../contract/errors.ts';

/** A typed value of a column. Timestamps are RFC 3339 text; integers above 2^53 are bigint. */
export type Cell = string | number | bigint | boolean;

/** Values by column name. Made without a prototype: a column may be named `__proto__`. */
export type Cells<T = Cell> = Record<string, T>;

/** What an amendment does with a value that the row has already. */
export type AmendConflict =
  /** Only rows whose identity columns do not contradict the new identity, and of those only columns that are empty. */
  | 'fill'
  /** Whatever is there. */
  | 'overwrite'
  /** Only rows whose identity columns are all empty. */
  | 'skip';

/** A table of a destination as a call names it. */
export interface TableTarget {
  /** An event's own `JITSU_TABLE_NAME` wins over it. */
  table: string;
  /** Columns that tell rows apart. A nested field is named by its column (`user_id`) or its path (`/user/id`). */
  primaryKeyFields: string[];
}

/** Rows to amend in a table. */
export interface AmendTarget extends TableTarget {
  conflict: AmendConflict;
  /**
   * Texts and numbers that say nothing in an identity's column, as text without spaces around it and in lower case: such as
   * the '' of a column that is NOT NULL DEFAULT ''. NULL always says nothing. Default: only NULL does.
   */
  empty?: readonly string[] | undefined;
}

/** One event to store. */
export interface LoadEvent {
  /** As it was sent: not yet flattened. */
  event: Readonly<Record<string, unknown>>;
  /**
   * Orders versions of one row where the warehouse keeps several (ClickHouse): the higher one counts. Made by
   * `versionOf`, so that a late plain load never hides an amendment.
   */
  version: bigint;
}

/** One value of an identity: where it stands in an event, and what it is. */
export interface IdentityValue {
  /** Keys from the event's root, such as `['user', 'email']`. */
  path: readonly string[];
  value: string | number;
}

/** One row to amend: an event that was anonymous, and who it was from. */
export interface AmendRow extends LoadEvent {
  /** `event` holds the primary key and nothing else: it is never stored, a row that is not there is answered as missing. */
  keyOnly?: true;
  identity: readonly IdentityValue[];
}

/** What became of one row. */
export type AmendOutcome =
  /** Changed: the columns that are other than before. */
  | { state: 'amended'; table: string; key: Cells; old: Cells<Cell | null>; new: Cells }
  /** There was no such row, so the whole event was stored, with its identity. `new` are the identity's columns. */
  | { state: 'loaded'; table: string; key: Cells; new: Cells }
  /**
   * It says already what it should, or `conflict` forbids the change. `row`: which row that is and the identity's columns
   * as they were to be; by it the record of an amendment is made good whose process was killed before it was written.
   */
  | { state: 'unchanged'; row?: { table: string; key: Cells; new: Cells } }
  /** Only with `keyOnly`, or where it is planned: there is no such row. */
  | { state: 'missing' }
  /** It cannot be stored; the others of the call were. */
  | { state: 'failed'; error: PackError };

/** One row to set back. */
export interface RestoreRow {
  table: string;
  key: Cells;
  /** Set to `to` where the column still is `from`. */
  columns: Cells<{ from: Cell; to: Cell | null }>;
  version: bigint;
}

/** One line of what `kvflow check` finds. */
export interface DestinationFinding {
  what: string;
  ok: boolean;
  /** What is there, or what to do about it. */
  detail: string;
}

/** A query of a warehouse. */
export interface WarehouseQuery {
  /** One SELECT, in the words of the warehouse. */
  sql: string;
  /** Most rows of the answer. */
  rows: number;
}

/** What a query found. */
export interface WarehouseRows {
  columns: string[];
  /** Whole numbers above 2^53 and all that JSON has no word for are text. */
  rows: (string | number | boolean | null)[][];
  /** There is more than was asked for, or than an answer holds. */
  truncated: boolean;
}

/** How much one call may load or amend at once; the caller splits. */
export const MAX_ROWS = 1_000;

/**
 * One warehouse. Every method honours the call's deadline and throws PackError only: UNAVAILABLE or TIMEOUT (retryable:
 * nothing is lost, the same call may be made again and does no harm), WAREHOUSE_ERROR for what is wrong with the table
 * or the permissions. What is wrong with one event is told in that event's outcome. Each takes at most
 * {@link MAX_ROWS} rows and costs a number of round trips that does not depend on how many there are.
 */
export interface Destination {
  readonly name: string;
  /** Which of several of its name it is, where each kvflow of a NATS may have its own. Default: all have the same. */
  readonly home?: string | undefined;
  readonly type: string;
  /** What kvflow.yaml gives as default; undefined where the call must say it. */
  readonly table: string | undefined;
  readonly primaryKeyFields: string[] | undefined;
  /** Tables that events may name beside it (`tables` of kvflow.yaml); `*` anywhere in an entry stands for any text. */
  readonly otherTables?: readonly string[] | undefined;
  /** Table that dead letters are written to as well (`rejected_table` of kvflow.yaml). Default: none. */
  readonly rejectedTable?: string | undefined;
  /**
   * Upserts events: a row that is there gets the event's columns and keeps its others. Table and columns are made
   * where they are missing. Per event: undefined, or why it was not stored.
   */
  load(call: Call, target: TableTarget, events: readonly LoadEvent[]): Promise<(PackError | undefined)[]>;
  /** Sets identities. Outcomes in the order of the rows. Of rows with the same primary key the last wins. */
  amend(call: Call, target: AmendTarget, rows: readonly AmendRow[]): Promise<AmendOutcome[]>;
  /** What `amend` would make of rows, without changing any; one that is not there is missing. */
  dryRun(call: Call, target: AmendTarget, rows: readonly AmendRow[]): Promise<AmendOutcome[]>;
  /** Undoes amendments. Whether each row was changed. */
  restore(call: Call, rows: readonly RestoreRow[]): Promise<boolean[]>;
  /** Rows by primary key, as they are now. Undefined where there is none. */
  read(call: Call, target: TableTarget, keys: readonly Cells[]): Promise<(Cells<Cell | null> | undefined)[]>;
  /** Columns that values at places of events have in a table, in the order of the places; whether they are there yet or not. */
  columnsOf(call: Call, table: string, paths: readonly (readonly string[])[]): Promise<string[]>;
  /**
   * Answers a query that only reads. Throws FORBIDDEN where the configuration does not allow queries, UNSUPPORTED where the
   * warehouse cannot be kept from writing, WAREHOUSE_ERROR for what is wrong with the statement.
   */
  query?(call: Call, query: WarehouseQuery): Promise<WarehouseRows>;
  /** Connects and looks at permissions and at the table, if it is there. Never throws for what it finds. */
  check(call: Call): Promise<DestinationFinding[]>;
}

/** The warehouses by name. */
export interface Destinations {
  /** Names there are, sorted. */
  readonly names: readonly string[];
  /** Connects on first use. Throws DESTINATION_NOT_FOUND, or UNSUPPORTED where a driver is not installed. */
  open(name: string): Promise<Destination>;
}

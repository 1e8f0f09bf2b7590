import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type {
  AmendOutcome,
  AmendRow,
  AmendTarget,
  Cell,
  Cells,
  IdentityValue,
} from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Column, Table } from '../engine.ts';
import { createJudge, identityCells } from './amend-change.ts';
import { noCells } from './cells.ts';
import { TABLE_NAME_KEY } from './flatten.ts';
import type { Settling } from './settle.ts';
import { isFitting } from './settle.ts';
import { badTableName, shapeOf } from './source.ts';
import { amendAsLookedUp } from './widened-meanwhile.ts';

/** What became of rows; or what the statement for all of them failed with, and which of them is at fault is still to be found. */
export type AmendedByKey = { outcomes: AmendOutcome[] } | { error: PackError };

/** Larger ones may be too large for one statement. In characters. */
const MAX_SIZE = 2 ** 20;

/**
 * Amends rows of which the key alone is known, a text, and whose table has a column for all that is written: by far the
 * most rows are so. They become columns without a look at each of their values, as the rows of a visitor share theirs.
 * Undefined where one of them is otherwise, and nothing was done: then all go the ordinary way.
 */
export async function amendByKey(
  settling: Settling,
  call: Call,
  target: AmendTarget,
  rows: readonly AmendRow[],
): Promise<AmendedByKey | undefined> {
  const [field, ...more] = target.primaryKeyFields;
  if (field === undefined || more.length > 0 || !rows.every(({ keyOnly }) => keyOnly)) return undefined;
  if (badTableName(target.table, settling.engine) !== undefined) return undefined;
  const { key, names, table } = await shapeOf({ settling, target }, call, target.table);
  const column = table?.columns.get(key[0] ?? '');
  if (!table || !column) return undefined;
  const place = { settling, table, column };
  const keys = keysOf(place, rows);
  const identities = new Map<readonly IdentityValue[], Cells>();
  for (const { identity } of rows)
    if (!identities.has(identity)) identities.set(identity, identityCells(identity, { names, table, key }));
  const written = writtenColumns(place, identities.values());
  const cells = rows.map(({ identity }) => identities.get(identity) as Cells);
  if (!keys || !written || sizeOf(keys, cells) > MAX_SIZE) return undefined;
  return await amendColumns(place, call, { target, rows, keys, cells, written });
}

/** Where rows are amended: a table, and the one column of its key. */
interface KeyPlace {
  settling: Settling;
  table: Table;
  column: Column;
}

/** Rows as columns: what stands at one place of each list is of one row. */
interface KeyRows {
  target: AmendTarget;
  rows: readonly AmendRow[];
  keys: readonly string[];
  /** The same object for rows that get the same. */
  cells: readonly Cells[];
  written: readonly Column[];
}

async function amendColumns(place: KeyPlace, call: Call, given: KeyRows): Promise<AmendedByKey | undefined> {
  const { keys, rows } = given;
  // As everywhere: two processes that write the same rows mostly do not lock them crosswise; where they do, one of them is tried again.
  const order = [...keys.keys()].sort((a, b) => compare(keys[a] ?? '', keys[b] ?? ''));
  if (order.some((at, index) => index > 0 && keys[at] === keys[order[index - 1] ?? at])) return undefined;
  const batch = batchOf(place, given, order);
  try {
    const { settling } = place;
    const found = await amendAsLookedUp(settling, call, batch);
    const outcomes: AmendOutcome[] = new Array(rows.length);
    const judge = judgeOf(place, given, batch);
    for (let index = 0; index < order.length; index++) {
      const at = order[index] ?? 0;
      outcomes[at] = judge(at, found[index] ?? 'unchanged');
    }
    return { outcomes };
  } catch (error) {
    if (error instanceof PackError) return { error };
    throw error;
  }
}

function batchOf({ table, column }: KeyPlace, given: KeyRows, order: readonly number[]): AmendBatch {
  const { keys, cells, rows, written, target } = given;
  const columns = [column, ...written].sort((a, b) => compare(a.name, b.name));
  return {
    table,
    primaryKey: [column.name],
    columns,
    values: columns.map(({ name }) =>
      order.map(at => (name === column.name ? keys[at] : cells[at]?.[name]) ?? null),
    ),
    versions: order.map(at => rows[at]?.version ?? 0n),
    rows: rows.length,
    identity: written.map(({ name }) => name),
    conflict: target.conflict,
    empty: new Set(target.empty),
  };
}

function judgeOf({ table, column }: KeyPlace, { keys, cells }: KeyRows, batch: AmendBatch) {
  const judge = createJudge(table.name, { ...batch, key: batch.primaryKey });
  return (at: number, found: AmendFound): AmendOutcome => {
    const key = noCells<Cell>();
    key[column.name] = keys[at] ?? '';
    const identity = cells[at] as Cells;
    const outcome = judge(found, { key, identity, cells: identity });
    return outcome === 'missing' ? { state: 'missing' } : outcome;
  };
}

/** The text of each key; undefined where one is no text, has anything beside it, or does not fit as it is. */
function keysOf({ settling, table, column: { name } }: KeyPlace, rows: readonly AmendRow[]) {
  if (name === TABLE_NAME_KEY) return undefined;
  const fitting = { ...settling, table, key: [name] };
  const keys: string[] = [];
  for (const { event } of rows) {
    for (const field in event) if (field !== name) return undefined;
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    if (typeof value !== 'string' || !isFitting(fitting, name, value)) return undefined;
    keys.push(value);
  }
  return keys;
}

/** The columns of identities; undefined where there are none, one is not there yet, or a value does not fit as it is. */
function writtenColumns({ settling, table, column: { name: key } }: KeyPlace, identities: Iterable<Cells>) {
  const fitting = { ...settling, table, key: [key] };
  const columns = new Map<string, Column>();
  for (const cells of identities) {
    for (const name in cells) {
      const column = table.columns.get(name);
      const value = cells[name];
      if (!column || value === undefined || !isFitting(fitting, name, value)) return undefined;
      columns.set(name, column);
    }
  }
  return columns.size > 0 ? [...columns.values()] : undefined;
}

function sizeOf(keys: readonly string[], cells: readonly Cells[]): number {
  const sizes = new Map<Cells, number>();
  return keys.reduce((sum, key, at) => {
    const one = cells[at] as Cells;
    const size =
      sizes.get(one) ?? Object.values(one).reduce<number>((all, cell) => all + String(cell).length, 0);
    sizes.set(one, size);
    return sum + key.length + size;
  }, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

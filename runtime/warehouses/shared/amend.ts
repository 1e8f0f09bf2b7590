import type { Call } from '../../core/define-function.ts';
import type {
  AmendConflict,
  AmendOutcome,
  AmendRow,
  Cell,
  Cells,
  IdentityValue,
  TableTarget,
} from '../../core/destinations.ts';
import { PackError } from '../../core/errors.ts';
import type { AmendFound, Table } from '../engine.ts';
import type { Row } from './batch.ts';
import { batchesOf, mergeByKey } from './batch.ts';
import { cellsOf, noCells } from './cells.ts';
import { columnOfPath } from './column-name.ts';
import type { Settling } from './settle.ts';
import { settle } from './settle.ts';
import type { Source } from './source.ts';
import { sourceOf } from './source.ts';
import type { Place } from './store.ts';
import { againWhenStale, byHalves, store } from './store.ts';

/** An event with the columns of the identity it is to get. */
export interface AmendSource extends Source {
  identity: Cells;
}

/** Where rows are amended, and the rows as the call gave them. */
export interface AmendPlace extends Place {
  conflict: AmendConflict;
  target: TableTarget;
  rows: readonly AmendRow[];
}

/** Adds to each event the identity of its row. Columns of the primary key are never amended. */
export function withIdentities(
  sources: readonly Source[],
  rows: readonly AmendRow[],
  key: readonly string[],
): AmendSource[] {
  // The rows of one visitor share one identity.
  const known = new Map<readonly IdentityValue[], Cells>();
  return sources.flatMap(source => {
    const identity = rows[source.index]?.identity;
    if (!identity) return [];
    const cells = known.get(identity) ?? identityCells(identity, key);
    known.set(identity, cells);
    return [{ ...source, identity: cells }];
  });
}

function identityCells(identity: readonly IdentityValue[], key: readonly string[]): Cells {
  return cellsOf<Cell>(
    identity
      .map(({ path, value }) => [columnOfPath(path), value] as const)
      .filter(([column]) => !key.includes(column)),
  );
}

/** Amends events of one table: in one pass those that are there, in another those that are not. */
export async function amendTable(
  settling: Settling,
  call: Call,
  place: AmendPlace,
  sources: readonly AmendSource[],
): Promise<Map<number, AmendOutcome>> {
  const { outcomes, missing } = await amendPass(settling, call, place, sources);
  if (missing.size > 0) await storeMissing(settling, call, place, missing, outcomes);
  return outcomes;
}

async function amendPass(
  settling: Settling,
  call: Call,
  place: AmendPlace,
  sources: readonly AmendSource[],
): Promise<{ outcomes: Map<number, AmendOutcome>; missing: Map<number, AmendSource> }> {
  const outcomes = new Map<number, AmendOutcome>();
  const missing = new Map<number, AmendSource>();
  const failed = await againWhenStale(settling, place.name, () =>
    byHalves(sources, async part => {
      const pass = await amendThere(settling, call, place, part);
      for (const [index, outcome] of pass.outcomes) outcomes.set(index, outcome);
      for (const source of pass.missing) missing.set(source.index, source);
      return pass.failed;
    }),
  );
  for (const [index, error] of failed) outcomes.set(index, { state: 'failed', error });
  return { outcomes, missing };
}

/** What one pass over rows found. */
interface Pass {
  outcomes: Map<number, AmendOutcome>;
  missing: AmendSource[];
  failed: Map<number, PackError>;
}

async function amendThere(
  settling: Settling,
  call: Call,
  place: AmendPlace,
  sources: readonly AmendSource[],
): Promise<Pass> {
  const pass: Pass = { outcomes: new Map(), missing: [], failed: new Map() };
  const narrow = sources.map(source => ({ ...source, cells: keyAndIdentity(source, place.key) }));
  const settled = await settle(settling, call, narrow, { ...place, create: false });
  if (!settled) return { ...pass, missing: [...sources] };
  const byIndex = new Map(sources.map(source => [source.index, source]));
  const rows = mergeByKey(settled.rows, place.key);
  const options = { table: settled.table, primaryKey: place.key, bytes: settling.engine.limits.bytes };
  for (const { batch, rows: part } of rows.length > 0 ? batchesOf(rows, options) : []) {
    const identity = batch.columns.map(({ name }) => name).filter(name => !place.key.includes(name));
    const found =
      identity.length === 0
        ? part.map(() => 'unchanged' as const)
        : await settling.engine.amend(call, { ...batch, identity, conflict: place.conflict });
    for (const [at, row] of part.entries()) {
      note(pass, row, outcomeOf(settled.table, place, row, found[at] ?? 'unchanged'), byIndex);
    }
  }
  return { ...pass, failed: settled.failed };
}

function keyAndIdentity(source: AmendSource, key: readonly string[]): Cells {
  const cells = Object.assign(noCells<Cell>(), source.identity);
  for (const column of key) {
    const value = source.cells[column];
    if (value !== undefined) cells[column] = value;
  }
  return cells;
}

/** Of events with one key the last gets the outcome; the others had nothing left to do. */
function note(
  pass: Pass,
  row: Row,
  outcome: AmendOutcome | 'missing',
  byIndex: ReadonlyMap<number, AmendSource>,
): void {
  const last = row.sources.at(-1);
  for (const { index } of row.sources) {
    const source = byIndex.get(index);
    if (outcome !== 'missing')
      pass.outcomes.set(index, index === last?.index ? outcome : { state: 'unchanged' });
    else if (source) pass.missing.push({ ...source, identity: identityOf(row, byIndex) });
  }
}

function identityOf(row: Row, byIndex: ReadonlyMap<number, AmendSource>): Cells {
  const all = row.sources.map(({ index }) => byIndex.get(index)?.identity ?? noCells<Cell>());
  return Object.assign(noCells<Cell>(), ...all);
}

function outcomeOf(
  table: Table,
  { key, conflict }: Place & { conflict: AmendConflict },
  row: Row,
  found: AmendFound,
): AmendOutcome | 'missing' {
  if (found === 'missing') return 'missing';
  const unchanged = (): AmendOutcome => ({
    state: 'unchanged',
    row: { table: table.name, key: keyOf(row.cells, key), new: withoutKey(row.cells, key) },
  });
  if (found === 'unchanged') return unchanged();
  const before = noCells<Cell | null>();
  const now = noCells<Cell>();
  for (const name in row.cells) {
    const value = row.cells[name];
    const was = found.old[name] ?? null;
    const isChanged = conflict === 'overwrite' ? String(was) !== String(value) || was === null : was === null;
    if (value === undefined || key.includes(name) || !isChanged) continue;
    before[name] = was;
    now[name] = value;
  }
  if (Object.keys(now).length === 0) return unchanged();
  return { state: 'amended', table: table.name, key: keyOf(row.cells, key), old: before, new: now };
}

function withoutKey(cells: Cells, key: readonly string[]): Cells {
  const rest = Object.entries(cells).filter(
    ([column, value]) => value !== undefined && !key.includes(column),
  );
  return cellsOf(rest);
}

function keyOf(cells: Cells, key: readonly string[]): Cells {
  const only = noCells<Cell>();
  for (const column of key) {
    const value = cells[column];
    if (value !== undefined) only[column] = value;
  }
  return only;
}

/**
 * Now the whole event is needed, and it may turn out that it cannot be stored. The identity comes after it, by the rule for
 * rows that are there: another may have stored the row meanwhile, with somebody else's.
 */
async function storeMissing(
  settling: Settling,
  call: Call,
  place: AmendPlace,
  missing: ReadonlyMap<number, AmendSource>,
  outcomes: Map<number, AmendOutcome>,
): Promise<void> {
  const whole: AmendSource[] = [];
  for (const [index, { identity }] of [...missing].sort(([a], [b]) => a - b)) {
    if (place.rows[index]?.keyOnly) {
      outcomes.set(index, { state: 'missing' });
      continue;
    }
    const made = wholeSource(settling, place, index);
    if (made instanceof PackError) outcomes.set(index, { state: 'failed', error: made });
    else if (made) whole.push({ ...made, identity });
  }
  if (whole.length === 0) return;
  const failed = await store(settling, call, place, whole);
  for (const [index, error] of failed) outcomes.set(index, { state: 'failed', error });
  const stored = whole.filter(({ index }) => !failed.has(index));
  if (stored.length === 0) return;
  const amended = await amendPass(settling, call, place, stored);
  for (const { index, cells } of stored) {
    const outcome = amended.outcomes.get(index) ?? { state: 'unchanged' };
    const isOurs = outcome.state === 'amended' && Object.values(outcome.old).every(cell => cell === null);
    outcomes.set(
      index,
      isOurs
        ? { state: 'loaded', table: place.name, key: keyOf(cells, place.key), new: outcome.new }
        : outcome,
    );
  }
}

function wholeSource({ engine }: Settling, place: AmendPlace, index: number): Source | PackError | undefined {
  const row = place.rows[index];
  try {
    return row && sourceOf(engine, place, row, index);
  } catch (error) {
    if (error instanceof PackError) return error;
    throw error;
  }
}

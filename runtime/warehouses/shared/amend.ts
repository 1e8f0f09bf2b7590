import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type {
  AmendConflict,
  AmendOutcome,
  AmendRow,
  Cell,
  Cells,
  IdentityValue,
  TableTarget,
} from '../../core/destinations.ts';
import { createJudge, identityCells, keyOf } from './amend-change.ts';
import type { Row } from './batch.ts';
import { batchesOf, mergeByKey } from './batch.ts';
import { noCells, withoutFlags } from './cells.ts';
import { heldRows } from './locked.ts';
import type { Settling } from './settle.ts';
import { settle } from './settle.ts';
import type { TableShape } from './source.ts';
import { sourceOf } from './source.ts';
import type { Source } from './source-row.ts';
import type { Place } from './store.ts';
import { againWhenStale, byHalves, store, valueToPutAside } from './store.ts';
import { amendAsLookedUp } from './widened-meanwhile.ts';

/** An event with the columns of the identity it is to get. */
export interface AmendSource extends Source {
  identity: Cells;
}

/** Where rows are amended, and the rows as the call gave them. */
export interface AmendPlace extends Place {
  conflict: AmendConflict;
  /** What counts as no value in a column of the identity. */
  empty: ReadonlySet<string>;
  target: TableTarget;
  /** As it was when the events were looked at. */
  shape: TableShape;
  rows: readonly AmendRow[];
}

/**
 * Each event's key with the identity of its row: all that amending a row takes. Columns of the primary key are never
 * amended.
 */
export function withIdentities(
  sources: readonly Source[],
  rows: readonly AmendRow[],
  shape: TableShape,
): AmendSource[] {
  const { key } = shape;
  // The rows of one visitor share one identity.
  const known = new Map<readonly IdentityValue[], Cells>();
  const found: AmendSource[] = [];
  for (const source of sources) {
    const identity = rows[source.index]?.identity;
    if (!identity) continue;
    let columns = known.get(identity);
    if (!columns) {
      columns = identityCells(identity, shape);
      known.set(identity, columns);
    }
    found.push(narrowed(source, columns, key));
  }
  return found;
}

function narrowed(
  { index, table, cells, types, version, isKey }: Source,
  identity: Cells,
  key: readonly string[],
): AmendSource {
  // Cells of the key alone are the source's own and of no use to anybody else.
  const narrow = isKey ? cells : keyOf(cells, key);
  for (const column in identity) {
    const value = identity[column];
    if (value !== undefined) narrow[column] = value;
  }
  return { index, table, cells: narrow, types, version, isKey: false, identity };
}

/**
 * Amends events of one table: in one pass those that are there, in another those that are not. `tried`: what the statement
 * for all of them failed with already.
 */
export async function amendTable(
  settling: Settling,
  call: Call,
  place: AmendPlace & { tried?: PackError | undefined },
  sources: readonly AmendSource[],
): Promise<Map<number, AmendOutcome>> {
  const { outcomes, missing } = await amendPass(settling, call, place, sources);
  if (missing.size > 0) await storeMissing(settling, call, place, missing, outcomes);
  return outcomes;
}

/** What was found out about rows, by the place of their events in the call. */
interface Pass {
  outcomes: Map<number, AmendOutcome>;
  /** The identity that each row is to get that is not there. */
  missing: Map<number, Cells>;
}

async function amendPass(
  settling: Settling,
  call: Call,
  { tried, ...place }: AmendPlace & { tried?: PackError | undefined },
  sources: readonly AmendSource[],
): Promise<Pass> {
  const pass: Pass = { outcomes: new Map(), missing: new Map() };
  let failure = tried;
  const work = async (part: readonly AmendSource[]) => {
    const error = failure;
    failure = undefined;
    if (error) throw error;
    return await amendThere(settling, call, { ...place, pass }, part);
  };
  const alone = async (source: AmendSource, error: PackError): Promise<Map<number, PackError>> => {
    const column = valueToPutAside(settling, place, source, error);
    if (column === undefined) return new Map([[source.index, withoutFlags(error)]]);
    const without = { ...source, aside: new Set([...(source.aside ?? []), column]) };
    return await byHalves([without], work, { alone, isAgain: true });
  };
  const failed = await againWhenStale(settling, place.name, isAgain =>
    byHalves(sources, work, {
      alone,
      held: (part, error) => heldRows(settling, call, place, { sources: part, error }),
      isAgain,
    }),
  );
  for (const [index, error] of failed) pass.outcomes.set(index, { state: 'failed', error });
  return pass;
}

async function amendThere(
  settling: Settling,
  call: Call,
  place: AmendPlace & { pass: Pass },
  sources: readonly AmendSource[],
): Promise<Map<number, PackError>> {
  const settled = await settle(settling, call, sources, { ...place, create: false });
  if (!settled) {
    for (const { index, identity } of sources) place.pass.missing.set(index, identity);
    return new Map();
  }
  const rows = mergeByKey(settled.rows, place.key);
  const options = { table: settled.table, primaryKey: place.key, bytes: settling.engine.limits.bytes };
  for (const { batch, rows: part } of rows.length > 0 ? batchesOf(rows, options) : []) {
    const identity = batch.columns.map(({ name }) => name).filter(name => !place.key.includes(name));
    const found =
      identity.length === 0
        ? part.map(() => 'unchanged' as const)
        : await amendAsLookedUp(settling, call, {
            ...batch,
            identity,
            conflict: place.conflict,
            empty: place.empty,
          });
    const judge = createJudge(settled.table.name, place);
    for (let at = 0; at < part.length; at++) {
      const row = part[at] as Row<AmendSource>;
      const { cells } = row;
      const judged = { identity: identityOf(row), cells, key: keyOf(cells, place.key) };
      note(place.pass, row, judge(found[at] ?? 'unchanged', judged));
    }
  }
  return withoutImpossible(place, settled.failed);
}

/** Of a key that its columns do not take there is no row, nor can there be one. */
function withoutImpossible(
  { rows, key, pass }: AmendPlace & { pass: Pass },
  failed: ReadonlyMap<number, PackError>,
): Map<number, PackError> {
  const rest = new Map(failed);
  for (const [index, { details }] of failed) {
    if (!rows[index]?.keyOnly || !key.includes(String(details.column))) continue;
    pass.missing.set(index, noCells());
    rest.delete(index);
  }
  return rest;
}

/** Of events with one key the last gets the outcome; the others had nothing left to do. */
function note({ outcomes, missing }: Pass, row: Row<AmendSource>, outcome: AmendOutcome | 'missing'): void {
  const last = row.sources.at(-1);
  for (const source of row.sources) {
    // The work may be done twice, and find otherwise than before.
    if (outcome === 'missing') missing.set(source.index, identityOf(row));
    else {
      outcomes.set(source.index, source === last ? outcome : { state: 'unchanged' });
      if (missing.size > 0) missing.delete(source.index);
    }
  }
}

function identityOf({ sources }: Row<AmendSource>): Cells {
  const [first] = sources;
  if (first && sources.length === 1) return first.identity;
  return Object.assign(noCells<Cell>(), ...sources.map(({ identity }) => identity));
}

/**
 * Now the whole event is needed, and it may turn out that it cannot be stored. The identity comes after it, by the rule for
 * rows that are there: another may have stored the row meanwhile, with somebody else's.
 */
async function storeMissing(
  settling: Settling,
  call: Call,
  place: AmendPlace,
  missing: ReadonlyMap<number, Cells>,
  outcomes: Map<number, AmendOutcome>,
): Promise<void> {
  const whole: Source[] = [];
  for (const index of [...missing.keys()].sort((a, b) => a - b)) {
    if (place.rows[index]?.keyOnly) {
      outcomes.set(index, { state: 'missing' });
      continue;
    }
    const made = wholeSource(settling, place, index);
    if (made instanceof PackError) outcomes.set(index, { state: 'failed', error: made });
    else if (made) whole.push(made);
  }
  if (whole.length === 0) return;
  const failed = await store(settling, call, place, whole);
  for (const [index, error] of failed) outcomes.set(index, { state: 'failed', error });
  const stored = whole.flatMap(source => {
    const identity = missing.get(source.index);
    return identity && !failed.has(source.index) ? [narrowed(source, identity, place.key)] : [];
  });
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

function wholeSource(settling: Settling, place: AmendPlace, index: number): Source | PackError | undefined {
  const row = place.rows[index];
  try {
    return row && sourceOf({ ...place, settling }, row, index);
  } catch (error) {
    if (error instanceof PackError) return error;
    throw error;
  }
}

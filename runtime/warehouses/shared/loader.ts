import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type {
  AmendOutcome,
  AmendRow,
  AmendTarget,
  Cell,
  Cells,
  Destination,
  DestinationFinding,
  LoadEvent,
  TableTarget,
} from '../../core/destinations.ts';
import { MAX_ROWS } from '../../core/destinations.ts';
import { traced } from '../../core/trace.ts';
import type { Engine } from '../engine.ts';
import { amendTable, withIdentities } from './amend.ts';
import { amendByKey } from './amend-keys.ts';
import { shown, withoutFlags } from './cells.ts';
import type { Naming } from './column-name.ts';
import { createNames } from './column-name.ts';
import { lookingOnly } from './dry-run.ts';
import type { Locked } from './lock.ts';
import type { Misfits } from './misfits.ts';
import { REFUSE } from './misfits.ts';
import type { NullPolicy } from './nulls.ts';
import { clearNulls } from './nulls.ts';
import { queryRows } from './query.ts';
import { readRows, restoreRows } from './rows.ts';
import type { Settling } from './settle.ts';
import { sourcesOf } from './source.ts';
import type { Source } from './source-row.ts';
import { store } from './store.ts';
import { createTables } from './tables.ts';

/** What a destination is made of. */
export interface LoaderOptions {
  name: string;
  type: string;
  engine: Engine;
  /** Which of several of its name it is; see {@link Destination}. */
  home?: string | undefined;
  /** The lock of table definitions, shared by all processes. */
  locked: Locked;
  table?: string | undefined;
  tables?: readonly string[] | undefined;
  rejectedTable?: string | undefined;
  primaryKeyFields?: string[] | undefined;
  /** What is done with values that do not fit their columns. Default: their events are refused. */
  misfits?: Misfits | undefined;
  /** Whether queries are answered. Default: false. */
  query?: boolean | undefined;
  /** How columns are named. Default: `plain`. */
  naming?: Naming | undefined;
  /** What a null in an event does. Default: `keep`. */
  nulls?: NullPolicy | undefined;
}

/** A {@link Destination} over an engine: all that is the same for every warehouse. */
export function createLoader(options: LoaderOptions): Destination & { close(): Promise<void> } {
  const { engine } = options;
  const settling: Settling = {
    engine,
    tables: createTables(engine, options.name, options.locked),
    misfits: options.misfits ?? REFUSE,
    names: createNames({ ...engine.limits, longest: engine.limits.identifier, naming: options.naming }),
  };

  /** Statements of one kind, of one table mostly. */
  function inSpan<T>(what: string, work: () => Promise<T>): Promise<T> {
    const attributes = { 'db.system.name': options.type, 'kvflow.destination': options.name };
    return traced(() => ({ name: `${what} ${options.type}`, kind: 'client', attributes }), work);
  }

  async function load(call: Call, target: TableTarget, events: readonly LoadEvent[]) {
    checkCount(events);
    const { byTable, failed, shapes } = await sourcesOf({ settling, target }, call, events);
    await eachTable(byTable, failed, async (name, sources) => {
      const key = shapes.get(name)?.key ?? [];
      const refused = await store(settling, call, { name, key }, sources);
      for (const [index, error] of refused) failed.set(index, error);
      if (options.nulls !== 'clear' || !sources.some(({ nulls }) => nulls)) return;
      const stored = sources.filter(({ index }) => !refused.has(index));
      await clearNulls(settling, call, { target: { ...target, table: name }, key }, stored);
    });
    return events.map((_, index) => failed.get(index));
  }

  async function amend(
    call: Call,
    target: AmendTarget,
    rows: readonly AmendRow[],
    using: Settling = settling,
  ): Promise<AmendOutcome[]> {
    checkCount(rows);
    const byKey = await amendByKey(using, call, target, rows);
    if (byKey && 'outcomes' in byKey) return byKey.outcomes;
    const { byTable, failed, shapes } = await sourcesOf(
      { settling: using, target, keyOnly: true },
      call,
      rows,
    );
    const outcomes = new Map<number, AmendOutcome>();
    await eachTable(byTable, failed, async (name, sources) => {
      const shape = shapes.get(name) ?? { names: using.names, key: [] };
      const place = {
        name,
        key: shape.key,
        shape,
        conflict: target.conflict,
        empty: new Set(target.empty),
        target,
        rows,
        tried: byKey?.error,
      };
      const found = await amendTable(using, call, place, withIdentities(sources, rows, shape));
      for (const [index, outcome] of found) outcomes.set(index, outcome);
    });
    return rows.map((_, index) => {
      const error = failed.get(index);
      return error ? { state: 'failed', error } : (outcomes.get(index) ?? { state: 'unchanged' });
    });
  }

  async function dryRun(call: Call, target: AmendTarget, rows: readonly AmendRow[]): Promise<AmendOutcome[]> {
    // Of a key alone nothing is stored where there is no row.
    const keys = rows.map(row => ({ ...row, keyOnly: true as const }));
    return await amend(call, target, keys, lookingOnly(settling));
  }

  async function read(call: Call, target: TableTarget, keys: readonly Cells[]) {
    checkCount(keys);
    // All columns are asked for: another process may have made some since.
    await settling.tables.look(call, target.table);
    return await readRows(settling, call, target, keys);
  }

  async function columnsOf(call: Call, name: string, paths: readonly (readonly string[])[]) {
    const table = await settling.tables.current(call, name);
    return paths.map(path => settling.names.ofPath(path, table));
  }

  return {
    name: options.name,
    home: options.home,
    type: options.type,
    table: options.table,
    otherTables: options.tables,
    rejectedTable: options.rejectedTable,
    primaryKeyFields: options.primaryKeyFields,
    load: (call, target, events) => inSpan('load', () => plain(() => load(call, target, events))),
    amend: (call, target, rows) => inSpan('amend', () => plain(() => amend(call, target, rows))),
    dryRun: (call, target, rows) => plain(() => dryRun(call, target, rows)),
    restore: (call, rows) =>
      plain(() => {
        checkCount(rows);
        return restoreRows(settling, call, rows);
      }),
    read: (call, target, keys): Promise<(Cells<Cell | null> | undefined)[]> =>
      plain(() => read(call, target, keys)),
    columnsOf: (call, table, paths) => plain(() => columnsOf(call, table, paths)),
    query: (call, query) => plain(() => queryRows(options, call, query)),
    check: async call => [...(await check(settling, call, options.table)), policies(options)],
    close: () => engine.close(),
  };
}

function checkCount(items: readonly unknown[]): void {
  if (items.length > MAX_ROWS) throw new RangeError(`at most ${MAX_ROWS} rows at once, not ${items.length}`);
}

/**
 * Tables side by side. One that cannot be used fails its own events where there are others, and the call where there
 * is none: then nothing of it was stored. A warehouse that is away fails the call, which is simply made again.
 */
async function eachTable(
  byTable: ReadonlyMap<string, Source[]>,
  failed: Map<number, PackError>,
  work: (name: string, sources: Source[]) => Promise<void>,
): Promise<void> {
  const tables = [...byTable];
  const results = await Promise.allSettled(tables.map(([name, sources]) => work(name, sources)));
  const errors = results.map(result =>
    result.status === 'rejected' ? (result.reason as unknown) : undefined,
  );
  const isOwn = (error: unknown) => error instanceof PackError && error.code === 'WAREHOUSE_ERROR';
  const fatal =
    errors.find(error => error !== undefined && !isOwn(error)) ??
    (errors.every(isOwn) ? errors.find(isOwn) : undefined);
  if (fatal !== undefined) throw fatal;
  for (const [at, [, sources]] of tables.entries()) {
    const error = errors[at];
    if (error instanceof PackError) {
      for (const { index } of sources) failed.set(index, withoutFlags(error));
    }
  }
}

/** What is meant for the loader alone leaves no call. */
async function plain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof PackError ? withoutFlags(error) : error;
  }
}

/** What is in force, so that nobody has to look it up in the file. */
function policies({ misfits = REFUSE, naming = 'plain', query = false }: LoaderOptions): DestinationFinding {
  const own = [...misfits.byColumn].map(([column, policy]) => `${shown(column)} ${policy}`);
  const detail = [
    `misfits ${[misfits.policy, ...own].join(', ')}`,
    `naming ${naming}`,
    `queries ${query ? 'on' : 'off'}`,
  ].join('; ');
  return { what: 'policies', ok: true, detail };
}

async function check(
  { engine, tables }: Settling,
  call: Call,
  name: string | undefined,
): Promise<DestinationFinding[]> {
  try {
    if (name !== undefined) tables.forget(name);
    return await engine.check(call, name === undefined ? undefined : await tables.current(call, name));
  } catch (error) {
    return [
      { what: 'connection', ok: false, detail: error instanceof Error ? error.message : String(error) },
    ];
  }
}

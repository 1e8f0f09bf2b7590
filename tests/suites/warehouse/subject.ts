import { afterAll, beforeAll, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../../runtime/core/call.ts';
import type {
  AmendConflict,
  AmendOutcome,
  AmendRow,
  Cell,
  Cells,
  Destination,
  IdentityValue,
} from '../../../runtime/core/destinations.ts';
import type { Nats } from '../../../runtime/nats/open.ts';
import { openNats } from '../../../runtime/nats/open.ts';
import type { Engine } from '../../../runtime/warehouses/engine.ts';
import type { LoaderOptions } from '../../../runtime/warehouses/shared/loader.ts';
import { createLoader } from '../../../runtime/warehouses/shared/loader.ts';
import { createLocked } from '../../../runtime/warehouses/shared/lock.ts';
import type { TestNats } from '../../support/nats.ts';
import { startNats } from '../../support/nats.ts';
import { PATIENCE } from '../../support/patience.ts';

/** A warehouse that runs, as a test file of an engine provides it. */
export interface WarehouseServer extends AsyncDisposable {
  /** A new engine on the same warehouse and schema, with connections of its own where it has any. */
  engine(): Engine | Promise<Engine>;
  /** Statements the warehouse has executed so far; where it can count them. */
  statements?(): number | Promise<number>;
  /** Ends the warehouse, keeping its data, and brings it back; where it is a server. */
  stop?(): Promise<void>;
  start?(): Promise<void>;
  /** Locks the row of a table whose `id` this is, in a transaction of its own; the answer ends that. */
  lockRow?(table: string, id: string): Promise<() => Promise<void>>;
  /** From now on the table refuses rows whose column `n` has this value. */
  poison?(table: string, n: number): Promise<void>;
  /** Drops a table, or one column of it, behind kvflow's back. */
  drop?(table: string, column?: string): Promise<void>;
}

/** What the suite runs on. */
export interface WarehouseSuite {
  /** Begins the names of the tests. */
  name: string;
  start(): Promise<WarehouseServer>;
  /** Milliseconds for starting it. Default 60,000. */
  startMs?: number;
  /** Where this engine cannot do what others do: why, as the test's name says it. */
  cannot?: Partial<Record<WarehouseGap, string>>;
}

/** Parts of the suite that an engine may have a reason not to run. */
export type WarehouseGap =
  | 'sql-types'
  | 'big-integers'
  | 'two-instances'
  | 'overlapping-writes'
  /** Names of tables with characters above U+FFFF. They must be refused then. */
  | 'astral-names'
  /** Columns that cannot be made wider: the values go beside their rows. */
  | 'widening'
  /** Values beside a row that add up: the later event's replace the earlier one's. */
  | 'adding-aside'
  /** A table that refuses a row for what is in it: `poison`. */
  | 'refusing'
  /** A row that another holds: `lockRow`. */
  | 'locks'
  /** A warehouse that is away: `stop` and `start`. */
  | 'outages'
  /** Queries that cannot write. */
  | 'queries';

type Event = Record<string, unknown>;

/** A test, or where the engine has a reason not to run it a skip that is named with the reason. */
export function testUnless(why: string | undefined, name: string, run: () => Promise<void>): void {
  if (why) test.skip(`${name}: ${why}`, run);
  else test(name, run);
}

/** What a test needs of a warehouse. Throws where it has none and says nothing of a reason. */
export function needed<T>(hook: T | undefined, what: string): T {
  if (hook === undefined) throw new Error(`this engine does not show ${what}: say why in \`cannot\``);
  return hook;
}

/** What tests use: one warehouse, a table of their own each, and shorthands. */
export interface Subject {
  readonly server: WarehouseServer;
  readonly destination: Destination;
  /** The NATS that keeps its locks. */
  readonly natsUrl: string;
  /** Another destination on the same warehouse that knows nothing of this one, as in another process. */
  another(options?: Partial<LoaderOptions>): Promise<Destination & { close(): Promise<void> }>;
  /** A table that no other test uses. */
  table(): string;
  /** One of those: each look at the subject has another. */
  readonly t: string;
  load(table: string, events: Event[], on?: Destination): Promise<(PackError | undefined)[]>;
  /** Loads what must be stored. */
  stored(table: string, ...events: Event[]): Promise<void>;
  amend(table: string, rows: [Event, Identity][], conflict?: AmendConflict): Promise<AmendOutcome[]>;
  /** What amending would make of rows. */
  dryRun: Subject['amend'];
  /** Rows by `id`, as plain objects without NULLs. */
  rows(table: string, ...ids: Cell[]): Promise<(Record<string, Cell> | undefined)[]>;
}

/** Identity by path, such as `{ 'user/email': 'a@b' }`. */
export type Identity = Record<string, string | number>;

let clock = BigInt(Date.now()) * 1_000n;

/** A version above all before. */
export function nextVersion(): bigint {
  clock += 2n;
  return clock;
}

/** A call with this many milliseconds left; where nothing is said, with enough for what is to work. */
export function within(ms = 25_000 * PATIENCE): Call {
  return { deadline: Date.now() + ms };
}

/** Starts the warehouse before a file's tests, and ends it after them. */
export function useSubject(suite: WarehouseSuite): () => Subject {
  let nats: TestNats;
  let joined: Nats;
  let subject: Awaited<ReturnType<typeof createSubject>>;
  beforeAll(async () => {
    nats = await startNats();
    joined = openNats({ servers: [nats.url] }, { info: () => undefined, warn: () => undefined });
    subject = await createSubject(await suite.start(), joined, nats.url);
  }, suite.startMs ?? 60_000);
  afterAll(async () => {
    await subject?.close();
    await joined?.close();
    await nats?.[Symbol.asyncDispose]();
  }, 30_000);
  return () => ({ ...subject, t: subject.table() });
}

async function createSubject(
  server: WarehouseServer,
  nats: Nats,
  natsUrl: string,
): Promise<Omit<Subject, 't'> & { close(): Promise<void> }> {
  const opened: { close(): Promise<void> }[] = [];
  const another: Subject['another'] = async options => {
    const locked = createLocked(nats.kv);
    const engine = await server.engine();
    const loader = createLoader({ name: 'warehouse', type: 'test', engine, locked, ...options });
    opened.push(loader);
    return loader;
  };
  const destination = await another();
  let tables = 0;
  const target = (table: string) => ({ table, primaryKeyFields: ['id'] });
  const load: Subject['load'] = (table, events, on = destination) =>
    on.load(
      within(),
      target(table),
      events.map(event => ({ event, version: nextVersion() })),
    );
  return {
    server,
    destination,
    natsUrl,
    another,
    table: () => `t${++tables}`,
    load,
    stored: async (table, ...events) => {
      const refused = (await load(table, events)).find(error => error !== undefined);
      if (refused) throw refused;
    },
    amend: (table, rows, conflict = 'fill') =>
      destination.amend(within(), { ...target(table), conflict }, rows.map(toAmend)),
    dryRun: (table, rows, conflict = 'fill') =>
      destination.dryRun(within(), { ...target(table), conflict }, rows.map(toAmend)),
    rows: async (table, ...ids) => {
      const found = await destination.read(
        within(),
        target(table),
        ids.map(id => ({ id })),
      );
      return found.map(row => row && plain(row));
    },
    close: async () => {
      for (const each of opened) await each.close().catch(() => undefined);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A row without its NULLs, as an object that compares like any other. */
export function plain(row: Cells<Cell | null>): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
  );
}

function toAmend([event, identity]: [Event, Identity]): AmendRow {
  return { event, version: nextVersion(), identity: identityOf(identity) };
}

function identityOf(identity: Identity): IdentityValue[] {
  return Object.entries(identity).map(([path, value]) => ({ path: path.split('/'), value }));
}

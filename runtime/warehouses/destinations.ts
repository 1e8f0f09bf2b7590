/** The warehouses of kvflow.yaml by name: drivers load when a destination is first used. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PackError } from '../../contract/errors.ts';
import type { Destination, Destinations } from '../core/destinations.ts';
import type { Engine } from './engine.ts';
import type { TakeLock } from './pglite/runner.ts';
import type { Naming } from './shared/column-name.ts';
import { createLoader } from './shared/loader.ts';
import type { LockStore } from './shared/lock.ts';
import { createLocked } from './shared/lock.ts';
import type { MisfitPolicy } from './shared/misfits.ts';
import type { NullPolicy } from './shared/nulls.ts';

/** One destination as the configuration has it. */
export interface DestinationSettings {
  type: 'postgres' | 'mysql' | 'clickhouse' | 'redshift' | 'snowflake' | 'sqlite' | 'pglite';
  url?: string | undefined;
  schema?: string | undefined;
  table?: string | undefined;
  /** Tables that events may name beside it. */
  tables?: string[] | undefined;
  primaryKeyFields?: string[] | undefined;
  /** Most connections. */
  poolSize?: number | undefined;
  /** Milliseconds that a statement waits for locks of others; only `postgres` has it. Default: 5 s. */
  lockMs?: number | undefined;
  /** What is done with values that do not fit their columns. Default: `auto`. */
  misfits?: MisfitPolicy | undefined;
  /** Whether `warehouse-query` may read it. Default: false. */
  query?: boolean | undefined;
  /** How columns are named. Default: `plain`. */
  naming?: Naming | undefined;
  /** What a null in an event does to a column that has a value. Default: `keep`. */
  nulls?: NullPolicy | undefined;
  /** The same for single columns, by name. */
  misfitsByColumn?: Readonly<Record<string, MisfitPolicy>> | undefined;
}

/** What destinations are made of. */
export interface DestinationsOptions {
  destinations: Readonly<Record<string, DestinationSettings>>;
  /** Keeps the locks of table definitions. */
  kv: LockStore;
  /** The embedded warehouse is in it. */
  dataDir: string;
  /** Sees to it that one process at a time opens the embedded warehouse. */
  takeLock: TakeLock;
}

/** Name of the destination that is there without being configured. */
export const EMBEDDED = 'embedded';

/**
 * What it is, where the file does not say it: SQLite, or PGlite in a data directory that holds such a warehouse already, as
 * builds before made it.
 */
export function embeddedSettings(dataDir: string): DestinationSettings {
  const type = existsSync(join(dataDir, PGLITE_FOLDER, 'PG_VERSION')) ? 'pglite' : 'sqlite';
  return { type, table: 'events', primaryKeyFields: ['event_id'], query: true };
}

/** Where embedded warehouses are in the data directory. */
const [SQLITE_FILE, PGLITE_FOLDER] = ['warehouse.db', 'warehouse'];

/** Where the embedded warehouse of a data directory is, or will be. */
export function embeddedPath(dataDir: string): string {
  const { type } = embeddedSettings(dataDir);
  return join(dataDir, type === 'pglite' ? PGLITE_FOLDER : SQLITE_FILE);
}

type Opener = (settings: DestinationSettings, options: DestinationsOptions) => Promise<Engine>;

const OPENERS: Record<DestinationSettings['type'], Opener> = {
  postgres: async settings => (await import('./postgres/open.ts')).openPostgres(settings),
  redshift: async settings => (await import('./redshift/open.ts')).openRedshift(settings),
  mysql: async settings => (await import('./mysql/engine.ts')).openMysql(settings),
  clickhouse: async ({ url, schema }) =>
    (await import('./clickhouse/engine.ts')).openClickhouse({ url, schema }),
  snowflake: async ({ url = '', schema, poolSize }) =>
    (await import('./snowflake/engine.ts')).openSnowflake({ url, schema, poolSize }),
  pglite: async ({ schema }, { dataDir, takeLock }) => {
    const { openPglite } = await import('./pglite/open.ts');
    return openPglite({ folder: join(dataDir, PGLITE_FOLDER), takeLock, schema });
  },
  sqlite: async ({ url }, { dataDir }) =>
    (await import('./sqlite/engine.ts')).openSqlite({ file: url ?? join(dataDir, SQLITE_FILE) }),
};

/** Destinations by name. Each has connections of its own, so that one that is away keeps no other from working. */
export function createDestinations(options: DestinationsOptions): Destinations & { close(): Promise<void> } {
  const settings = new Map(
    Object.entries({ [EMBEDDED]: embeddedSettings(options.dataDir), ...options.destinations }),
  );
  const opened = new Map<string, Promise<Destination & { close(): Promise<void> }>>();
  const names = [...settings.keys()].sort();

  function opening(name: string) {
    const before = opened.get(name);
    if (before) return before;
    const made = openOne(options, name, settings.get(name));
    opened.set(name, made);
    // What was wrong, such as a package that is not installed, may be put right while this process runs.
    made.catch(() => opened.delete(name));
    return made;
  }

  return {
    names,
    open: async name => {
      if (settings.has(name)) return await opening(name);
      throw new PackError(
        'DESTINATION_NOT_FOUND',
        `there is no destination ${JSON.stringify(name)}: name one of ${names.join(', ')}, or add it to kvflow.yaml`,
        { details: { destinations: names } },
      );
    },
    close: async () => {
      const all = [...opened.values()];
      opened.clear();
      await Promise.allSettled(all.map(async destination => (await destination).close()));
    },
  };
}

async function openOne(
  options: DestinationsOptions,
  name: string,
  settings: DestinationSettings = embeddedSettings(options.dataDir),
): Promise<Destination & { close(): Promise<void> }> {
  return createLoader({
    name,
    type: settings.type,
    engine: await OPENERS[settings.type](settings, options),
    locked: createLocked(options.kv),
    table: settings.table,
    tables: settings.tables,
    primaryKeyFields: settings.primaryKeyFields,
    query: settings.query,
    naming: settings.naming,
    nulls: settings.nulls,
    misfits: {
      policy: settings.misfits ?? 'auto',
      byColumn: new Map(Object.entries(settings.misfitsByColumn ?? {})),
    },
  });
}

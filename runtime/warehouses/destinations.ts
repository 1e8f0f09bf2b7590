/** The warehouses of kvflow.yaml by name: drivers load when a destination is first used. */
import { PackError } from '../../contract/errors.ts';
import type { Destination, Destinations } from '../core/destinations.ts';
import type { DestinationSettings, Place } from './destination-kind.ts';
import { embeddedSettings, withEmbedded } from './embedded.ts';
import { homeOf } from './home.ts';
import { KINDS } from './kinds.gen.ts';
import { createLoader } from './shared/loader.ts';
import type { LockStore } from './shared/lock.ts';
import { createLocked } from './shared/lock.ts';

/** What destinations are made of. */
export interface DestinationsOptions extends Place {
  destinations: Readonly<Record<string, DestinationSettings>>;
  /** Keeps the locks of table definitions. */
  kv: LockStore;
}

/** Destinations by name. Each has connections of its own, so that one that is away keeps no other from working. */
export function createDestinations(options: DestinationsOptions): Destinations & { close(): Promise<void> } {
  const settings = new Map(Object.entries(withEmbedded(options.destinations, options.dataDir)));
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
  const { isEmbedded } = KINDS[settings.type];
  return createLoader({
    name,
    home: isEmbedded ? await homeOf({ dataDir: options.dataDir, file: settings.url }) : undefined,
    type: settings.type,
    engine: await KINDS[settings.type].open(settings, options),
    locked: createLocked(options.kv),
    table: settings.table,
    tables: settings.tables,
    rejectedTable: settings.rejectedTable,
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

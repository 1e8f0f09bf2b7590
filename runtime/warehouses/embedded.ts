import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DestinationSettings } from './destination-kind.ts';

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

/** All destinations of a configuration, the one that is there without being configured among them. */
export function withEmbedded(
  configured: Readonly<Record<string, DestinationSettings>>,
  dataDir: string,
): Record<string, DestinationSettings> {
  return { [EMBEDDED]: embeddedSettings(dataDir), ...configured };
}

/** Where the embedded warehouse is in the data directory, of SQLite. */
export const SQLITE_FILE = 'warehouse.db';
/** The same of PGlite. */
export const PGLITE_FOLDER = 'warehouse';

/** Where the embedded warehouse of a data directory is, or will be. */
export function embeddedPath(dataDir: string): string {
  const { type } = embeddedSettings(dataDir);
  return join(dataDir, type === 'pglite' ? PGLITE_FOLDER : SQLITE_FILE);
}

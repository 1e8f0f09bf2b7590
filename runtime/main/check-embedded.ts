import { access } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import type { Finding } from '../transports/cli/host.ts';
import { EMBEDDED, embeddedPath } from '../warehouses/embedded.ts';

/**
 * What there is to say of the warehouse that nobody configured as long as nobody has used it: looking into it would make
 * it. Undefined where it is to be looked at like any other, or cannot be used.
 */
export async function embeddedUnused({
  dataDir,
  destinations,
  usersRecognition,
}: Config): Promise<Finding | undefined> {
  if (!usersRecognition.enabled || destinations[EMBEDDED] || (await isMade(dataDir))) return undefined;
  const detail = `not used yet; a call of identify that names it makes it in ${embeddedPath(dataDir)}`;
  return { what: EMBEDDED, ok: true, detail };
}

/** Whether the embedded warehouse is in the data directory. */
export async function isMade(dataDir: string): Promise<boolean> {
  return await access(embeddedPath(dataDir)).then(
    () => true,
    () => false,
  );
}

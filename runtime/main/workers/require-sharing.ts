import { PackError } from '../../../contract/errors.ts';
import type { Config } from '../../config/config.ts';

/** Throws PackError INVALID_INPUT where something of the configuration can be used by one process alone. */
export function requireSharing({ destinations, workers }: Pick<Config, 'destinations' | 'workers'>): void {
  const [name] = Object.entries(destinations).find(([, { type }]) => type === 'pglite') ?? [];
  if (name === undefined) return;
  throw new PackError(
    'INVALID_INPUT',
    `Destination "${name}" is the embedded warehouse (pglite), which one process alone can open: leave KVFLOW_WORKERS at 1 instead of ${workers}, or give the destination another type.`,
  );
}

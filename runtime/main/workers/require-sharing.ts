import { PackError } from '../../../contract/errors.ts';
import type { Config } from '../../config/config.ts';
import { withEmbedded } from '../../warehouses/embedded.ts';
import { KINDS } from '../../warehouses/kinds.gen.ts';

type Needed = Pick<Config, 'destinations' | 'workers' | 'dataDir' | 'usersRecognition'>;

/** Throws PackError INVALID_INPUT where something of the configuration, or of the data directory, can be used by one process alone. */
export function requireSharing({ destinations, workers, dataDir, usersRecognition }: Needed): void {
  if (!usersRecognition.enabled) return;
  const all = Object.entries(withEmbedded(destinations, dataDir));
  const [name, settings] = all.find(([, { type }]) => KINDS[type].oneProcess) ?? [];
  if (name === undefined || settings === undefined) return;
  throw new PackError(
    'INVALID_INPUT',
    `Destination "${name}" is the embedded warehouse (${settings.type}), which one process alone can open: leave KVFLOW_WORKERS at 1 instead of ${workers}, or give the destination another type in kvflow.yaml.`,
  );
}

import type { Config } from '../../config/config.ts';
import type { Runtime } from '../../main.ts';
import { takeSnapshots } from './take.ts';

const HOUR_MS = 3_600_000;
/** A kvflow that has just started has other things to do. */
const FIRST_MS = 300_000;
const LOOK_MS = 900_000;
/** The embedded server's buckets are nobody else's care. */
const EMBEDDED_HOURS = 24;

/** Takes snapshots every so many hours for as long as kvflow runs, where the configuration says so, or NATS is our own. */
export function scheduleSnapshots(
  { dataDir, backups }: Pick<Config, 'dataDir' | 'backups'>,
  { nats, origin }: Pick<Runtime, 'nats' | 'origin'>,
  warn: (line: string) => void,
): Disposable {
  const { everyHours = origin.kind === 'embedded' ? EMBEDDED_HOURS : 0, ...bounds } = backups;
  if (everyHours === 0) return { [Symbol.dispose]: () => undefined };
  const options = { ...bounds, nats, dataDir, everyMs: everyHours * HOUR_MS, warn };
  let isRunning = false;
  const look = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    await takeSnapshots(options);
    isRunning = false;
  };
  const first = setTimeout(() => void look(), FIRST_MS).unref();
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return {
    [Symbol.dispose]: () => {
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}

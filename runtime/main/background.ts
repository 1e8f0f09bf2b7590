import type { Config } from '../config/config.ts';
import type { Runtime } from '../main.ts';
import { startWarnings } from '../nats/server/start-warnings.ts';
import type { Log } from '../server/log.ts';
import { giveTransactions, tooOldFor, warnOfOwnBuckets } from './own-buckets.ts';
import { startReconciler } from './reconciler.ts';
import { repairLeftovers } from './repair-leftovers.ts';
import { startScheduler } from './scheduler.ts';
import { scheduleSnapshots } from './snapshots/schedule.ts';
import type { StoreWatch } from './stores/watch-stores.ts';
import { watchStores } from './stores/watch-stores.ts';

/** What is done for all callers, by one process of a kvflow. */
export interface Background {
  readonly stores: StoreWatch;
  /** Looks once at what an earlier kvflow left behind, as soon as NATS is joined. */
  lookAround(): void;
}

/** Watches stores, takes snapshots, puts what is due, finishes what identify left unfinished, until `running` ends. */
export async function startBackground(
  config: Config,
  runtime: Runtime,
  { log: { logger }, running }: { log: Log; running: AsyncDisposableStack },
): Promise<Background> {
  const { nats, recognition, origin } = runtime;
  const warn = (line: string): void => logger.warn(line);
  const { dataDir } = config;
  const embedded = origin.kind === 'embedded';
  const said = embedded && { startWarnings: () => startWarnings(dataDir) };
  const stores = running.use(await watchStores({ nats, dataDir, embedded, warn, ...said }));
  running.use(scheduleSnapshots(config, runtime, warn));
  const scheduler = startScheduler(nats, { warn });
  running.defer(() => scheduler.stop());
  const reconciler = startReconciler(config.usersRecognition, recognition);
  running.defer(() => reconciler.stop());
  return { stores, lookAround };

  function lookAround(): void {
    void nats.joined.then(() => warnOfOwnBuckets(nats.kv, warn)).catch(() => undefined);
    void nats.joined
      .then(() => tooOldFor(nats.kv, config))
      .then(tooOld => tooOld === undefined || warn(tooOld))
      .catch(() => undefined);
    void nats.joined
      .then(() => repairLeftovers(runtime, logger))
      .catch(() => undefined)
      // Not before: a backup that was killed is repaired in the same options.
      .then(() => giveTransactions(nats.kv))
      .then(() => stores.look());
  }
}

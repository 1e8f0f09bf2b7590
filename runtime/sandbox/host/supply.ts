import type { Losses } from './losses.ts';
import { createRestarts } from './restarts.ts';
import type { WarmPool } from './warm-pool.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Who gets which worker. */
export interface Supply {
  /** A locked worker that has run nothing yet; undefined where it is not wanted any more before its start began. */
  take(tenant: string, taker: Taker): Promise<WorkerProcess | undefined>;
  /** The same without a turn to wait for. */
  takeNow(tenant: string): Promise<WorkerProcess>;
  close(): void;
}

/** Who waits for a worker. */
export interface Taker {
  isWanted(): boolean;
  /** Its worker starts now, or stands ready: from here on it does not wait for others. */
  onStart(): void;
}

/**
 * Workers that are kept ready are for tenants that come anew. Who had one ended lately gets one that is started for it; who had one
 * killed waits its turn for that.
 */
export function createSupply(warmPool: Pick<WarmPool, 'take' | 'start'>, losses: Losses): Supply {
  const restarts = createRestarts(warmPool.start);
  const takeNow = (tenant: string) => (losses.any(tenant) ? warmPool.start() : warmPool.take());
  return {
    take(tenant, taker) {
      const count = () => losses.count(tenant);
      if (count() > 0) return restarts.ask({ losses: count, ...taker });
      taker.onStart();
      return takeNow(tenant);
    },
    takeNow,
    close: restarts.close,
  };
}

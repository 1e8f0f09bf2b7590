import type { Losses } from './losses.ts';
import { createRestarts } from './restarts.ts';
import type { WarmPool } from './warm-pool.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Who gets which worker. */
export interface Supply {
  /** A locked worker that has run nothing yet; undefined where it is not wanted any more before it was started. */
  take(tenant: string, isWanted: () => boolean): Promise<WorkerProcess | undefined>;
  /** The same without a turn to wait for. */
  takeNow(tenant: string): Promise<WorkerProcess>;
  close(): void;
}

/**
 * Workers that are kept ready are for tenants that come anew. Who had one ended lately gets one that is started for it; who had one
 * killed waits its turn for that.
 */
export function createSupply(warmPool: Pick<WarmPool, 'take' | 'start'>, losses: Losses): Supply {
  const restarts = createRestarts(warmPool.start);
  const takeNow = (tenant: string) => (losses.any(tenant) ? warmPool.start() : warmPool.take());
  return {
    take(tenant, isWanted) {
      const count = () => losses.count(tenant);
      return count() > 0 ? restarts.ask({ losses: count, isWanted }) : takeNow(tenant);
    },
    takeNow,
    close: restarts.close,
  };
}

import type { WorkerProcess } from './worker-process.ts';

/** Locked workers kept ready, so that no call waits for a process to start. */
export interface WarmPool {
  take(): Promise<WorkerProcess>;
  /** One that is started for who asks; those that are ready stay. Who waits by then has it, and who asked the one that was to be theirs. */
  start(): Promise<WorkerProcess>;
  /** Starts what is missing. */
  fill(): void;
  size(): number;
  close(): Promise<void>;
}

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5000;

/** How many there are. */
export interface WarmPoolOptions {
  wanted: number;
  /** Those that were taken are made good. */
  refill: boolean;
}

/** Keeps `wanted` workers ready; after a failed start it waits longer each time. */
export function createWarmPool(
  { wanted, refill }: WarmPoolOptions,
  start: () => Promise<WorkerProcess>,
): WarmPool {
  const ready: WorkerProcess[] = [];
  const alive = new Set<WorkerProcess>();
  const starting = new Set<Promise<unknown>>();
  /** Who waits for one: the first that is ready is for who has waited longest. */
  const waiting: PromiseWithResolvers<WorkerProcess>[] = [];
  /** How many start for those that wait and to be kept ready. */
  let underWay = 0;
  let closed = false;
  let backoff = 0;

  const launch = async (): Promise<WorkerProcess> => {
    if (backoff > 0) await new Promise(resolve => setTimeout(resolve, backoff));
    try {
      const worker = await start();
      backoff = 0;
      alive.add(worker);
      worker.ended.then(() => alive.delete(worker));
      if (closed) worker.end('retired');
      return worker;
    } catch (error) {
      backoff = Math.min(MAX_BACKOFF_MS, backoff * 2 || FIRST_BACKOFF_MS);
      throw error;
    }
  };
  const track = (promise: Promise<WorkerProcess>): Promise<WorkerProcess> => {
    const quiet = promise.then(
      () => {},
      () => {},
    );
    starting.add(quiet);
    quiet.finally(() => starting.delete(quiet));
    return promise;
  };
  const drop = (worker: WorkerProcess): void => {
    const at = ready.indexOf(worker);
    if (at >= 0) ready.splice(at, 1);
    setTimeout(fill, FIRST_BACKOFF_MS).unref();
  };
  const keep = (worker: WorkerProcess): void => {
    ready.push(worker);
    worker.listen(
      () => false,
      () => drop(worker),
    );
  };
  const startOne = (): void => {
    underWay++;
    track(launch()).then(
      worker => {
        underWay--;
        const first = waiting.shift();
        if (first) first.resolve(worker);
        else keep(worker);
      },
      error => {
        underWay--;
        if (waiting.length > underWay) waiting.shift()?.reject(error);
      },
    );
  };
  const fill = (): void => {
    if (closed) return;
    const missing = wanted + waiting.length - ready.length - underWay;
    for (let count = 0; count < missing; count++) startOne();
  };

  return {
    async take() {
      // The next one starts a moment later: now the caller's own script wants the processor.
      if (refill) setTimeout(fill, 50).unref();
      const worker = ready.shift();
      if (worker) return worker;
      const waiter = Promise.withResolvers<WorkerProcess>();
      waiting.push(waiter);
      if (underWay < waiting.length) startOne();
      return waiter.promise;
    },
    start() {
      const own = Promise.withResolvers<WorkerProcess>();
      track(launch()).then(worker => {
        const first = waiting.shift();
        if (first) waiting.push(own);
        (first ?? own).resolve(worker);
      }, own.reject);
      return own.promise;
    },
    fill,
    size: () => ready.length,
    async close() {
      closed = true;
      for (const worker of alive) worker.end('retired');
      await Promise.all(starting);
      const last = [...alive];
      for (const worker of last) worker.end('retired');
      await Promise.all(last.map(worker => worker.ended));
    },
  };
}

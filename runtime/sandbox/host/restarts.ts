/** Starts workers for those who lost theirs, one at a time, so that the processor is left for others. */
export interface Restarts<W> {
  /** Resolves with a worker, or with undefined where it is not wanted any more when its turn comes. Rejects where it does not start. */
  ask(waiter: RestartWaiter): Promise<W | undefined>;
  close(): void;
}

/** Who waits for a start. */
export interface RestartWaiter {
  /** How many workers it lost lately: who lost fewest is next. */
  losses(): number;
  isWanted(): boolean;
  /** Its start begins. */
  onStart?(): void;
}

/** What a test stands in for. */
export interface RestartClock {
  now(): number;
  /** Calls back after so many milliseconds; answers what puts it off for good. */
  after(ms: number, then: () => void): () => void;
}

/** A start on a machine that is busy takes long: its rest need not. */
const MAX_REST_MS = 250;

interface Waiting<W> extends RestartWaiter {
  resolve(worker: W | undefined): void;
  reject(error: unknown): void;
}

/** After each start nothing is started for as long as it took, at most a quarter of a second: starts take half of one core at most. */
export function createRestarts<W>(start: () => Promise<W>, clock: RestartClock = usualClock): Restarts<W> {
  let waiting: Waiting<W>[] = [];
  let isStarting = false;
  let restsUntil = Number.NEGATIVE_INFINITY;
  let putOff: (() => void) | undefined;

  const run = async (waiter: Waiting<W>): Promise<void> => {
    isStarting = true;
    waiter.onStart?.();
    const began = clock.now();
    await start().then(waiter.resolve, waiter.reject);
    const ended = clock.now();
    restsUntil = ended + Math.min(MAX_REST_MS, ended - began);
    isStarting = false;
    next();
  };
  const next = (): void => {
    for (const waiter of waiting) if (!waiter.isWanted()) waiter.resolve(undefined);
    waiting = waiting.filter(waiter => waiter.isWanted());
    if (isStarting || putOff || waiting.length === 0) return;
    const restMs = restsUntil - clock.now();
    if (restMs > 0) {
      putOff = clock.after(restMs, () => {
        putOff = undefined;
        next();
      });
      return;
    }
    const first = waiting.reduce((best, waiter) => (waiter.losses() < best.losses() ? waiter : best));
    waiting = waiting.filter(waiter => waiter !== first);
    run(first);
  };

  return {
    ask: waiter =>
      new Promise((resolve, reject) => {
        waiting.push({ ...waiter, resolve, reject });
        next();
      }),
    close() {
      putOff?.();
      putOff = undefined;
      for (const { resolve } of waiting) resolve(undefined);
      waiting = [];
    },
  };
}

const usualClock: RestartClock = {
  now: () => performance.now(),
  // It keeps the process: somebody waits for it.
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

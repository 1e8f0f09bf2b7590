import type { WorkerProcess } from './worker-process.ts';

/** Cancellations that a worker has not acknowledged. */
export interface LaneCancels {
  count(): number;
  /** Tells the worker that nobody wants these events any more. */
  ask(worker: Pick<WorkerProcess, 'send'>, ids: readonly number[]): void;
  /** The worker has acknowledged one; false where there is none. */
  acknowledged(): boolean;
  /** It had time enough. */
  isOverdue(now: number): boolean;
  /** There is another worker. */
  clear(): void;
}

/** What a worker is given to leave events. */
const CANCEL_MS = 150;

/** For one lane. */
export function createLaneCancels(): LaneCancels {
  let count = 0;
  let since = 0;
  return {
    count: () => count,
    ask(worker, ids) {
      if (count++ === 0) since = Date.now();
      worker.send('Q', JSON.stringify(ids));
    },
    acknowledged() {
      if (count === 0) return false;
      count--;
      since = Date.now();
      return true;
    },
    isOverdue: now => now - since > CANCEL_MS,
    clear() {
      count = 0;
    },
  };
}

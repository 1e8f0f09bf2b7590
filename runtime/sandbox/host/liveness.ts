/** Tells a worker that works from one that hangs. */
export interface Liveness {
  /** The worker gets its first event after a pause. */
  begin(): void;
  /** Any frame came. */
  heard(): void;
  /** An event was done, or moved on. */
  progress(): void;
  /** A heartbeat came; false when there are more of them than an honest worker sends. */
  heartbeat(): boolean;
  /** Forgives some heartbeats; called every few ms. */
  calm(): void;
  lastHeard(): number;
  /** Whether the worker has to be given up, with `count` events of at most `timeoutMs` each in it. */
  lost(now: number, timeoutMs: number, count: number, waitsForStore: boolean): boolean;
}

const GRACE_MS = 150;
const NO_PROGRESS_MS = 2000;
const MAX_HEARTBEATS = 200;

/** For one worker at a time. */
export function createLiveness(): Liveness {
  let heardAt = 0;
  let progressAt = 0;
  let heartbeats = 0;

  return {
    begin() {
      heardAt = Date.now();
      progressAt = heardAt;
    },
    heard() {
      heardAt = Date.now();
    },
    progress() {
      progressAt = Date.now();
    },
    heartbeat: () => ++heartbeats <= MAX_HEARTBEATS,
    calm() {
      heartbeats = Math.max(0, heartbeats - 2);
    },
    lastHeard: () => heardAt,
    lost(now, timeoutMs, count, waitsForStore) {
      // Silence: a script runs without a pause. No progress: heartbeats come, results do not, as after an escape.
      const silent = now - heardAt > timeoutMs + GRACE_MS;
      const stuck = !waitsForStore && now - progressAt > timeoutMs * (count + 1) + NO_PROGRESS_MS;
      return silent || stuck;
    },
  };
}

/** Does something once the pipes of this process were read: a busy one may simply not have come to it yet. */
export function afterReading(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

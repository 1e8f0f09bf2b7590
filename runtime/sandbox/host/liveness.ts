import type { Attempt } from './attempt.ts';

/** Tells a worker that works from one that hangs. */
export interface Liveness {
  /** The worker gets its first event after a pause. */
  begin(): void;
  /** It gets a script that is new to it, and has nothing else to do: no event's time runs while it compiles that. */
  define(): void;
  /** It has compiled a script; false as for {@link Liveness.heartbeat}. */
  defined(): boolean;
  /** Any frame came. */
  heard(): void;
  /** An event moved on. */
  progress(): void;
  /** So many events of a script were done. */
  done(count: number, script: string): void;
  /**
   * How long the worker needs for so many events, `next` first, in ms; Infinity where that is not known, as what was done last was
   * of another script. The first blocks of all are waited for: what runs in blocks is mostly short.
   */
  timeFor(count: number, next: Attempt | undefined, isRunning: boolean): number;
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
/**
 * As long as a check of a script may take: the largest, of functions alone, take seconds. The deadline of a call and its processor time
 * end one that nobody waits for, or that takes too much, before.
 */
const DEFINE_MS = 20_000;
const MAX_HEARTBEATS = 200;
/** How much of the pace is that of the last frame: several come at one moment, of which the first has the time of all. */
const NEWS = 0.2;
/** How long a script runs until its pace is known: first it is slow, since it is compiled meanwhile. */
const WARM_MS = 50;
/** Events in blocks that may wait meanwhile: as many lines as are run at once on few processors. */
const MAX_UNSEEN = 2_000;
/** How long a block may be under way and be one of the short ones: the worker itself gives up those that take half as long. */
const MAX_BLOCK_MS = 200;

/** For one worker at a time. */
export function createLiveness(): Liveness {
  let heardAt = 0;
  let progressAt = 0;
  let isDefining = false;
  let heartbeats = 0;
  /** When the last event was done, or the first begun, and how long one takes: both of the clock that knows parts of a ms. */
  let doneAt = 0;
  let pace = 0;
  let known: string | undefined;
  /** How long that script has run. */
  let ranMs = 0;

  return {
    begin() {
      heardAt = Date.now();
      progressAt = heardAt;
      doneAt = performance.now();
      isDefining = false;
    },
    define() {
      isDefining = true;
    },
    defined() {
      isDefining = false;
      progressAt = Date.now();
      return ++heartbeats <= MAX_HEARTBEATS;
    },
    heard() {
      heardAt = Date.now();
    },
    progress() {
      isDefining = false;
      progressAt = Date.now();
    },
    done(count, script) {
      isDefining = false;
      progressAt = Date.now();
      const now = performance.now();
      const last = (now - doneAt) / count;
      ranMs = now - doneAt + (script === known ? ranMs : 0);
      pace = script === known && ranMs > WARM_MS ? pace + NEWS * (last - pace) : last;
      known = script;
      doneAt = now;
    },
    timeFor(count, next, isRunning) {
      if (count === 0) return 0;
      // One that takes longer than others did is seen while it runs.
      const running = isRunning ? performance.now() - doneAt : 0;
      const isShortBlock = next?.size !== undefined && running < MAX_BLOCK_MS;
      const isKnown = known !== undefined && next?.definition.key === known;
      const isUnseen = ranMs < WARM_MS && count < MAX_UNSEEN;
      if (isUnseen && isShortBlock && (isKnown || known === undefined)) return 0;
      if (!isKnown) return Number.POSITIVE_INFINITY;
      return Math.max(count * pace, isShortBlock ? 0 : running);
    },
    heartbeat: () => ++heartbeats <= MAX_HEARTBEATS,
    calm() {
      heartbeats = Math.max(0, heartbeats - 2);
    },
    lastHeard: () => heardAt,
    lost(now, timeoutMs, count, waitsForStore) {
      if (isDefining) return now - heardAt > DEFINE_MS;
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

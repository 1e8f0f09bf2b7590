import type { Attempt } from './attempt.ts';
import { frameSize } from './lane-frames.ts';

/** Attempts of a lane that no worker has: those that run again come before those that never ran. */
export interface LaneQueue {
  size(): number;
  /** The one that is next; undefined where there is none. */
  first(): Attempt | undefined;
  /** Behind all others. */
  push(attempt: Attempt): void;
  /** Ahead of what never ran, in the order of submission; nothing where it is there already. */
  pushAgain(attempt: Attempt): void;
  /** Whether one of those that run again is to be alone in its worker. */
  hasSuspect(): boolean;
  /** The next frame of what runs again, at most `most`; empty where there is nothing. */
  takeAgain(most: number): Attempt[];
  /** The next frame of what runs again and was submitted before `seq`; empty where there is nothing. */
  takeBefore(seq: number): Attempt[];
  /** The next frame of what never ran, at most `most` but at least one; empty where there is nothing. */
  take(most: number): Attempt[];
  /** Forgets what was answered. */
  dropSettled(): void;
  /** Everything, which is then gone from it. */
  takeAll(): Attempt[];
}

/** So many that were taken are let go of together. */
const MAX_TAKEN = 1_024;

/** An empty one. */
export function createLaneQueue(): LaneQueue {
  let again: Attempt[] = [];
  let waiting: Attempt[] = [];
  /** Of `waiting`, how many were taken. */
  let taken = 0;

  return {
    size: () => again.length + waiting.length - taken,
    first: () => again[0] ?? waiting[taken],
    push: attempt => void waiting.push(attempt),
    pushAgain(attempt) {
      if (again.includes(attempt)) return;
      const at = again.findIndex(other => other.seq > attempt.seq);
      again.splice(at < 0 ? again.length : at, 0, attempt);
    },
    hasSuspect: () => again.some(attempt => attempt.suspect),
    takeAgain: most => again.splice(0, frameSize(again, 0, most)),
    takeBefore(seq) {
      const later = again.findIndex(attempt => attempt.seq >= seq);
      const count = later < 0 ? again.length : later;
      return count === 0 ? [] : again.splice(0, frameSize(again, 0, count));
    },
    take(most) {
      const frame = waiting.slice(taken, taken + frameSize(waiting, taken, most));
      taken += frame.length;
      if (taken < Math.min(MAX_TAKEN, waiting.length)) return frame;
      waiting = waiting.slice(taken);
      taken = 0;
      return frame;
    },
    dropSettled() {
      again = again.filter(attempt => !attempt.settled);
      waiting = waiting.filter((attempt, at) => at >= taken && !attempt.settled);
      taken = 0;
    },
    takeAll() {
      const all = [...again, ...waiting.slice(taken)];
      again = [];
      waiting = [];
      taken = 0;
      return all;
    },
  };
}

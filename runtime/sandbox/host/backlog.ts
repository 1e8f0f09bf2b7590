import type { Attempt } from './attempt.ts';
import type { LaneQueue } from './lane-queue.ts';
import type { Liveness } from './liveness.ts';
import type { Running } from './running.ts';

/** How much work a lane has. */
export interface Backlog {
  /** These are about to be added to it. */
  add(attempts: readonly Attempt[]): void;
  /** How long all of it will take, in ms; Infinity where that is not known. */
  ms(): number;
}

/** What it looks at. */
export interface BacklogOptions {
  life: Liveness;
  queue: LaneQueue;
  running: Running;
  /** Events that the lane has. */
  load(): number;
}

/** For one lane. How long one script takes says nothing of what waits of another. */
export function createBacklog({ life, queue, running, load }: BacklogOptions): Backlog {
  /** Of all that the lane has; undefined where that is of several. */
  let script: string | undefined;
  return {
    add(attempts) {
      if (load() === 0) script = attempts[0]?.definition.key;
      if (attempts.some(({ definition }) => definition.key !== script)) script = undefined;
    },
    ms() {
      if (load() > 0 && script === undefined) return Number.POSITIVE_INFINITY;
      return life.timeFor(load(), running.oldest() ?? queue.first(), running.size() > 0);
    },
  };
}

import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Whether this process has time left for what another worker would send it. */
export interface SpareTime {
  /** Called every few ms. */
  look(): void;
  /** As of the last look: most of the time it waited for others. */
  isThere(): boolean;
}

/** The part of its time that a process may be at work and still be one that waits. */
const MOSTLY = 0.6;

/** Of the event loop of this thread. */
export function createSpareTime(
  used: () => EventLoopUtilization = performance.eventLoopUtilization,
): SpareTime {
  let before = used();
  let part = 0;
  return {
    look() {
      const now = used();
      const total = now.active - before.active + now.idle - before.idle;
      part = total > 0 ? (now.active - before.active) / total : 0;
      before = now;
    },
    isThere: () => part < MOSTLY,
  };
}

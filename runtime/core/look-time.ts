import type { Call } from './call.ts';

/**
 * When a call that looks through much answers what it has, so that somebody who waits sees something early: after `ms`, and
 * never later than half of the call's time.
 */
export function lookUntil({ deadline }: Call, ms: number): number {
  const now = Date.now();
  return Math.min(now + ms, now + (deadline - now) / 2);
}

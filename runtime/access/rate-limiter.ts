import type { RateLimit } from './api-key.ts';

/** A token bucket, in this process's memory: each kvflow process allows the full rate. */
export interface RateLimiter {
  /** Takes so many calls: 0 when they may go ahead, else the milliseconds after which the next may. */
  take(calls: number): number;
}

const PERIOD_MS = { second: 1_000, minute: 60_000 };

/**
 * Starts full. Goes ahead while at least one call is left and may then owe: a batch larger than the limit is let
 * through and paid for by a longer wait, instead of never being possible.
 */
export function createRateLimiter(
  limit: RateLimit,
  now: () => number = performance.now.bind(performance),
): RateLimiter {
  const perMs = limit.calls / PERIOD_MS[limit.per];
  let left = limit.calls;
  let at = now();
  return {
    take(calls) {
      const time = now();
      left = Math.min(limit.calls, left + (time - at) * perMs);
      at = time;
      if (left < 1) return Math.ceil((1 - left) / perMs);
      left -= calls;
      return 0;
    },
  };
}

import type { ByteBudget } from './byte-budget.ts';

/** What one request or stream has taken of the budget; given back once, as a whole. */
export interface Lease {
  /** Takes more. Throws RATE_LIMITED where there is no room. */
  add(bytes: number): void;
  bytes(): number;
  release(): void;
}

/** Makes a lease that holds `bytes`, which were taken already. */
export function createLease(budget: ByteBudget, bytes = 0): Lease {
  let held = bytes;
  let over = false;
  return {
    add(more) {
      if (more <= 0) return;
      budget.take(more);
      held += more;
    },
    bytes: () => held,
    release() {
      if (over) return;
      over = true;
      budget.give(held);
    },
  };
}

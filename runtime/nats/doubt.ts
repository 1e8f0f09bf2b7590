/**
 * Whether a server was silent just now that others answered in place of: what is asked next may come to the same one. Then it is not
 * given as long again, so that one call that asks for several things waits out one silence, and not one for each.
 */
export interface Doubt {
  isThere(): boolean;
  /** What was asked later was answered, and what was asked before it was not. */
  raise(): void;
}

/** A server that is gone is told by the others to be away by then, mostly. */
const DOUBT_MS = 10_000;

/** None at first. */
export function createDoubt(): Doubt {
  let until = 0;
  return {
    isThere: () => Date.now() < until,
    raise: () => {
      until = Date.now() + DOUBT_MS;
    },
  };
}

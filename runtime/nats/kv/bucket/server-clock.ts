/**
 * Milliseconds since 1970 by a clock that nobody sets: how far the server's clock is ahead was measured by it, and stays true when the
 * machine's own clock is set forward or back. Otherwise a lease that another holds would look over, or an item for ever young.
 */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}

/** The server's clock, in milliseconds since 1970. */
export function serverNow({ clockOffset }: { clockOffset: number }): number {
  return steadyNow() + clockOffset;
}

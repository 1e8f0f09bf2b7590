/** Functions that write the one key they name. */
const WRITES = /^kv-key-(append|copy|delete|get-or-put|increment|patch|put|rename|revert|touch)$/;

/** Of these each counts in whatever order they are made: the one that is made late takes nothing back. */
const IN_ANY_ORDER = /^kv-key-(append|get-or-put|increment)$/;

/**
 * Follows which write of each key is the latest that was asked for. One that failed is not made again after a later one where it
 * would bring an older value back: not so a step of a counter, and not one on the revision it expects, which the server refuses.
 */
export function createLatestWrites() {
  const latest = new Map<string, symbol>();
  return (name: string, input: unknown) => {
    const { bucket, key, expected_revision } = Object(input) as Record<string, unknown>;
    const place = WRITES.test(name) ? JSON.stringify([bucket, key]) : undefined;
    const own = Symbol();
    if (place !== undefined) latest.set(place, own);
    const isLatest = () => place === undefined || latest.get(place) === own;
    const takesBack = !IN_ANY_ORDER.test(name) && expected_revision === undefined;
    return {
      /** Whether it may be made again. */
      mayRepeat: () => !takesBack || isLatest(),
      /** The call has ended. */
      done: () => {
        if (place !== undefined && isLatest()) latest.delete(place);
      },
    };
  };
}

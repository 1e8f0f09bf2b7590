/** Functions that write the one key they name. */
const WRITES = /^kv-key-(append|copy|delete|get-or-put|increment|patch|put|rename|revert|touch)$/;

/**
 * Follows which write of each key is the latest that was asked for. One that failed is not made again after a later one: it
 * would bring the older value back.
 */
export function createLatestWrites() {
  const latest = new Map<string, symbol>();
  return (name: string, input: unknown) => {
    const { bucket, key } = Object(input) as { bucket?: unknown; key?: unknown };
    const place = WRITES.test(name) ? JSON.stringify([bucket, key]) : undefined;
    const own = Symbol();
    if (place !== undefined) latest.set(place, own);
    const isLatest = () => place === undefined || latest.get(place) === own;
    return {
      isLatest,
      /** The call has ended. */
      done: () => {
        if (place !== undefined && isLatest()) latest.delete(place);
      },
    };
  };
}

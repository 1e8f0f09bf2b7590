import type { BatchItem } from './batch-input.ts';

/** Runs one item of a batch. Must not reject. */
export type RunItem<T> = (item: BatchItem, index: number) => Promise<T>;

/** What runs on one bucket. */
interface Lane {
  /** The last item that concerns the bucket as a whole. */
  whole: Promise<unknown> | undefined;
  /** The last item of each key since then. */
  keys: Map<string, Promise<unknown>>;
}

/**
 * Runs items all at once, except that those on one bucket and key follow each other. An item that names a bucket and no key,
 * such as its creation or a listing, waits for the bucket's items before it, and those after it wait for it: what is
 * written in the order it is meant in works in that order.
 */
export function runInOrder<T>(items: readonly BatchItem[], run: RunItem<T>): Promise<T[]> {
  const lanes = new Map<string, Lane>();
  return Promise.all(items.map((item, index) => start(item, index)));

  function start(item: BatchItem, index: number): Promise<T> {
    const { bucket, key } = placeOf(item.input);
    if (bucket === undefined) return run(item, index);
    const lane = laneOf(bucket);
    const before = key === undefined ? lastOf(lane) : (lane.keys.get(key) ?? lane.whole);
    const running = before ? before.then(() => run(item, index)) : run(item, index);
    if (key === undefined) lanes.set(bucket, { whole: running, keys: new Map() });
    else lane.keys.set(key, running);
    return running;
  }

  function laneOf(bucket: string): Lane {
    const known = lanes.get(bucket);
    if (known) return known;
    const lane = { whole: undefined, keys: new Map() };
    lanes.set(bucket, lane);
    return lane;
  }
}

function lastOf(lane: Lane): Promise<unknown> | undefined {
  return lane.keys.size > 0 ? Promise.all(lane.keys.values()) : lane.whole;
}

function placeOf(input: unknown): { bucket: string | undefined; key: string | undefined } {
  const { bucket, key } = Object(input) as { bucket?: unknown; key?: unknown };
  return {
    bucket: typeof bucket === 'string' ? bucket : undefined,
    key: typeof key === 'string' ? key : undefined,
  };
}

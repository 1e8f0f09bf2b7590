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

/** What an item concerns: a key, or a bucket as a whole. */
interface Place {
  bucket: string;
  key: string | undefined;
}

/**
 * Runs items all at once, except that those on one bucket and key, or one queue, follow each other; a copy or a rename is on both
 * of its keys. An item that names a bucket and no key, such as its creation or a listing, waits for the bucket's items before it,
 * and those after it wait for it: what is written in the order it is meant in works in that order.
 */
export function runInOrder<T>(items: readonly BatchItem[], run: RunItem<T>): Promise<T[]> {
  const lanes = new Map<string, Lane>();
  return Promise.all(items.map((item, index) => start(item, index)));

  function start(item: BatchItem, index: number): Promise<T> {
    const { bucket, key, to } = Object(item.input) as Record<string, unknown>;
    // Most items are on one key.
    const isOnKey = typeof bucket === 'string' && typeof key === 'string' && to === undefined;
    return isOnKey ? startOnKey(item, index, { bucket, key }) : startOnPlaces(item, index);
  }

  function startOnPlaces(item: BatchItem, index: number): Promise<T> {
    const places = placesOf(item.input);
    const before: Promise<unknown>[] = [];
    for (const { bucket, key } of places) addLast(before, laneOf(bucket), key);
    const running = before.length > 0 ? startAfter(Promise.all(before), item, index) : run(item, index);
    for (const { bucket, key } of places) {
      if (key === undefined) lanes.set(bucket, { whole: running, keys: new Map() });
      else laneOf(bucket).keys.set(key, running);
    }
    return running;
  }

  function startOnKey(
    item: BatchItem,
    index: number,
    { bucket, key }: { bucket: string; key: string },
  ): Promise<T> {
    const { whole, keys } = laneOf(bucket);
    const before = keys.get(key) ?? whole;
    const running = before ? startAfter(before, item, index) : run(item, index);
    keys.set(key, running);
    return running;
  }

  function startAfter(before: Promise<unknown>, item: BatchItem, index: number): Promise<T> {
    return before.then(() => run(item, index));
  }

  function laneOf(bucket: string): Lane {
    const known = lanes.get(bucket);
    if (known) return known;
    const lane = { whole: undefined, keys: new Map() };
    lanes.set(bucket, lane);
    return lane;
  }
}

/** Adds what an item on that key, or on the bucket as a whole, has to wait for. */
function addLast(before: Promise<unknown>[], { whole, keys }: Lane, key: string | undefined): void {
  if (key === undefined && keys.size > 0) {
    before.push(...keys.values());
    return;
  }
  const last = (key !== undefined && keys.get(key)) || whole;
  if (last) before.push(last);
}

/** Begins what stands for a queue: no key holds it. */
const QUEUE = '\0';

function placesOf(input: unknown): Place[] {
  const given = Object(input) as Record<string, unknown>;
  const bucket = text(given.bucket);
  if (bucket === undefined) return [];
  const [key, queue] = [text(given.key), text(given.queue)];
  const [to, toBucket] = [text(given.to), text(given.to_bucket)];
  const places = [{ bucket, key: key ?? (queue === undefined ? undefined : QUEUE + queue) }];
  if (key !== undefined && to !== undefined) places.push({ bucket: toBucket ?? bucket, key: to });
  // Of a bucket's copy `to` names the other bucket.
  const other = key === undefined ? (toBucket ?? to) : undefined;
  if (other !== undefined && other !== bucket) places.push({ bucket: other, key: undefined });
  return places;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

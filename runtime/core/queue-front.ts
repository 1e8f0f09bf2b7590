import type { Call } from './call.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { KvPage } from './ports/pages.ts';

/** Where the items of a queue begin, as far as this process has looked. */
export interface QueueFront {
  /** No item of the queue is stored at or below this sequence: the look begins here. */
  readonly seq: number;
  /** Notes what the next page of the look has: it may have come through many markers and found nothing. */
  looked(page: Pick<KvPage, 'entries' | 'nextSeq' | 'lookedTo'>): void;
}

interface Known {
  seq: number;
  incarnation: string;
  until: number;
}

/** So long a restored bucket, whose items are behind where they were, may be taken for the one before; milliseconds. */
const KNOWN_MS = 60_000;
const MAX_QUEUES = 10_000;

const stores = new WeakMap<KvStore, Map<string, Known>>();

/**
 * What is done leaves a marker each, before all that is still to be done: whoever looks for an item is not to go through those
 * again each time. An item that is written anew is behind all others, so that the front only moves on as long as the bucket is the same.
 */
export function queueFront(
  kv: KvStore,
  call: Call,
  { bucket, queue }: { bucket: string; queue: string },
): QueueFront {
  const incarnation = kv.incarnation(call, bucket);
  const fronts = stores.get(kv) ?? new Map<string, Known>();
  stores.set(kv, fronts);
  const name = `${bucket} ${queue}`;
  const known = fronts.get(name);
  const isKnown = known && known.incarnation === incarnation && Date.now() < known.until;
  const until = isKnown ? known.until : Date.now() + KNOWN_MS;
  let isFound = false;
  return {
    seq: isKnown ? known.seq : 0,
    looked({ entries, nextSeq, lookedTo = nextSeq }) {
      if (incarnation === undefined || isFound) return;
      isFound = entries.length > 0;
      // One that another client wrote once more under another form of its key has the revision of that, behind the page.
      const seq = Math.min(lookedTo, ...entries.map(({ revision }) => revision - 1));
      if (fronts.size >= MAX_QUEUES) fronts.clear();
      fronts.set(name, { seq, incarnation, until });
    },
  };
}

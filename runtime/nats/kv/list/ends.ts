import type { KvEvent } from '../../../core/ports.ts';
import { isEntry } from '../../../core/ports.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { serverNow } from '../write/writer.ts';

/** Ends that the server tells nobody of, so that the watch tells them. */
export interface Ends {
  /** Takes note of what the watch answers. */
  note(events: readonly KvEvent[]): void;
  /** When the next value ends, in milliseconds since 1970 by our clock; Infinity: none will. */
  next(): number;
  /** The ends that have come, at most so many. */
  take(most: number): KvEvent[];
}

interface End {
  at: number;
  text: string;
  revision: number;
}

const NONE: Ends = { note: () => undefined, next: () => Number.POSITIVE_INFINITY, take: () => [] };

/**
 * Keeps the ends of values with a ttl in a bucket with history: there the marker was stored before the value, and when the
 * server takes the value away nothing is stored that a watch would see.
 */
export function createEnds(handle: BucketHandle): Ends {
  const { config } = handle.origin;
  // With a ttl of the bucket it cannot be told which of both ends a value.
  if (config.max_msgs_per_subject === 1 || !config.allow_msg_ttl || config.max_age) return NONE;
  const ends = new Map<string, End>();
  let soonest = Number.POSITIVE_INFINITY;
  return { note, next: () => soonest - handle.clockOffset, take };

  function note(events: readonly KvEvent[]): void {
    for (const event of events) {
      const end = isEntry(event) ? event.expiresAt : undefined;
      if (end) ends.set(event.key, { at: Date.parse(end), text: end, revision: event.revision });
      else ends.delete(event.key);
    }
    soonest = Math.min(...[...ends.values()].map(({ at }) => at));
  }

  function take(most: number): KvEvent[] {
    const now = serverNow(handle);
    if (soonest > now) return [];
    const due = [...ends].filter(([, { at }]) => at <= now).slice(0, most);
    const events = due.map(([key, { text, revision }]): KvEvent => {
      ends.delete(key);
      return { key, operation: 'expire', revision, createdAt: text };
    });
    note([]);
    return events;
  }
}

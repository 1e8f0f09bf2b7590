import type { KvEndsTold, KvEvent } from '../../../core/ports.ts';
import { isEntry } from '../../../core/ports.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';

/** Ends that the server tells nobody of, so that the watch tells them. */
export interface Ends {
  /** Takes note of what the watch answers. */
  note(events: readonly KvEvent[]): void;
  /** A value that the watch never saw has come and ended: what there is is read again. */
  missed(end: number): void;
  /** When the next value ends, in milliseconds since 1970 by our clock; Infinity: none will. */
  next(): number;
  /** The ends that have come, at most so many, in their order. */
  take(most: number): KvEvent[];
  /** Of ends of the past that are being read; undefined: none are. */
  reading(): Promise<void> | undefined;
  /** Up to where all ends were told; undefined: the server tells them. */
  told(): KvEndsTold | undefined;
}

/** The end of a value. */
export interface End {
  key: string;
  /** Milliseconds since 1970 by the server's clock. */
  at: number;
  /** Of the value. */
  revision: number;
}

/** What was written before a watch began. */
export interface Past {
  /** Up to where ends were told before. */
  told: KvEndsTold;
  /** Whether there was anything. */
  isEmpty: boolean;
  /** Reads the ends of what was there, those to come and those that came after `told`. */
  read(): Promise<End[]>;
}

const NONE: Ends = {
  note: () => undefined,
  missed: () => undefined,
  next: () => Number.POSITIVE_INFINITY,
  take: () => [],
  reading: () => undefined,
  told: () => undefined,
};
/** Kept of a bucket with more of them: those that come first. The others are read when these have come. */
const MAX_ENDS = 100_000;
const LOOK_AGAIN_MS = 50;

/**
 * Whether a bucket's values end without a word of the server: with history the marker was stored before the value, and when the
 * server takes the value away nothing is stored. With a ttl of the bucket it cannot be told which of both ends a value.
 */
export function endsAreSilent({ origin: { config } }: BucketHandle): boolean {
  return config.max_msgs_per_subject !== 1 && config.allow_msg_ttl === true && !config.max_age;
}

/** Keeps the ends of values with a ttl of their own, where they are silent. */
export function createEnds(handle: BucketHandle, past: Past): Ends {
  if (!endsAreSilent(handle)) return NONE;
  const ends = new Map<string, End>();
  let told = past.told;
  let soonest = Number.POSITIVE_INFINITY;
  /** Later ones were left out. */
  let horizon = Number.POSITIVE_INFINITY;
  /** Keys that the watch answered while what was there is read: what it answers is newer. */
  let answered: Set<string> | undefined = past.isEmpty ? undefined : new Set();
  let reading: Promise<void> | undefined;
  let again = false;
  return { note, missed, next, take, reading: () => reading, told: () => told };

  function note(events: readonly KvEvent[]): void {
    for (const event of events) {
      answered?.add(event.key);
      const at = isEntry(event) && event.expiresAt ? Date.parse(event.expiresAt) : undefined;
      if (at === undefined) ends.delete(event.key);
      else add({ key: event.key, at, revision: event.revision });
    }
    trim();
  }

  function missed(end: number): void {
    if (end < told.ended || (end === told.ended && told.endedRevision === undefined)) return;
    answered ??= new Set();
    again = reading !== undefined;
  }

  function next(): number {
    if (answered) return Date.now() + LOOK_AGAIN_MS;
    return Date.now() + Math.min(soonest, horizon) - serverNow(handle);
  }

  function take(most: number): KvEvent[] {
    const now = serverNow(handle);
    if (horizon <= now) answered ??= new Set();
    if (answered) {
      read();
      return [];
    }
    const due = soonest > now ? [] : [...ends.values()].filter(({ at }) => at <= now).sort(byTime);
    if (soonest <= now && due.length === 0) soonest = soonestOf(ends);
    const taken = due.slice(0, most);
    for (const { key } of taken) ends.delete(key);
    if (due.length > 0) soonest = soonestOf(ends);
    const last = taken.at(-1);
    if (due.length === taken.length) told = { ended: now };
    else if (last) told = { ended: last.at, endedRevision: last.revision };
    return taken.map(toEvent);
  }

  /** What fails is tried again when it is asked for again. */
  function read(): void {
    reading ??= past
      .read()
      .then(found => {
        horizon = Number.POSITIVE_INFINITY;
        for (const end of found) if (!answered?.has(end.key) && !wasTold(end, told)) add(end);
        answered = again ? new Set() : undefined;
        again = false;
        trim();
      })
      .catch(() => undefined)
      .finally(() => (reading = undefined));
  }

  /** One that was taken back may leave it too soon, which costs a look. */
  function add(end: End): void {
    ends.set(end.key, end);
    soonest = Math.min(soonest, end.at);
  }

  function trim(): void {
    if (ends.size <= 2 * MAX_ENDS) return;
    const later = [...ends.values()].sort(byTime).slice(MAX_ENDS);
    for (const { key } of later) ends.delete(key);
    horizon = Math.min(horizon, later[0]?.at ?? horizon);
  }
}

function soonestOf(ends: ReadonlyMap<string, End>): number {
  let soonest = Number.POSITIVE_INFINITY;
  for (const { at } of ends.values()) soonest = Math.min(soonest, at);
  return soonest;
}

/** Many values that were written together end in the same millisecond: the revision tells them apart. */
function byTime(a: End, b: End): number {
  return a.at - b.at || a.revision - b.revision;
}

function wasTold({ at, revision }: End, { ended, endedRevision = Number.POSITIVE_INFINITY }: KvEndsTold) {
  return at < ended || (at === ended && revision <= endedRevision);
}

function toEvent({ key, at, revision }: End): KvEvent {
  return { key, operation: 'expire', revision, createdAt: new Date(at).toISOString() };
}

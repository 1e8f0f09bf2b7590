import { isEntry } from '../../../core/ports/items.ts';
import type { KvEndsTold, KvEvent } from '../../../core/ports/watches.ts';
import { compactedOf } from '../bucket/compacted.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import type { End } from './end-list.ts';
import { createEndList } from './end-list.ts';
import { endsKind, YEAR_MS } from './ends-kind.ts';

/** Ends that the server tells nobody of, so that the watch tells them. */
export interface Ends {
  /** Takes note of what the watch answers; up to where ends were told after it, where its revision does not say it. */
  note(event: KvEvent): KvEndsTold | undefined;
  /** A value that the watch never saw has come and ended: what there is is read again. */
  missed(end: number): void;
  /** When the next value ends, in milliseconds since 1970 by our clock; Infinity: none will. */
  next(): number;
  /** The ends that have come, at most so many, in their order, each with up to where ends were told after it. */
  take(most: number): Ended[];
  /** Of ends of the past that are being read; undefined: none are. */
  reading(): Promise<void> | undefined;
  /** Up to where all ends were told; undefined: the revision alone says where the watch stands. */
  told(): KvEndsTold | undefined;
  /** The same where the watch stands at a revision of which there is no event. */
  toldUpTo(revision: number): KvEndsTold | undefined;
  /** Whether values of before the watch ended before their ends could be read. */
  lost(): boolean;
}

/** An end as an event. */
export interface Ended {
  event: KvEvent;
  told: KvEndsTold | undefined;
}

/** What was written before a watch began. */
export interface Past {
  /** Up to where ends were told before. */
  told: KvEndsTold;
  /** Before this none of them ends, by the server's clock; undefined: not known. */
  firstEndAt: number | undefined;
  /** Whether there was anything. */
  isEmpty: boolean;
  /** Whether the watch goes on where an earlier one was. */
  isResumed: boolean;
  /** Whether an event of this revision says where the watch stands: it was written since the watch began, or is the last of before. */
  saysPlace(revision: number): boolean;
  /** Reads the ends of what was there, those to come and those that came after `told`: of at least so many of the oldest. */
  read(atLeast: number): Promise<End[]>;
  /** The first revision that the stream has. */
  firstRevision(): Promise<number>;
}

const LOOK_AGAIN_MS = 50;
/** Where an end leaves nothing behind, ends are read this long before the first that may come. */
const LEAD_MS = 2_000;
/** Where values end in the order in which they were written, those that end first are read, and more when these are due. */
const FIRST_READ = 10_000;

/** Keeps the ends of values where they are silent. */
export function createEnds(handle: BucketHandle, past: Past): Ends {
  const kind = endsKind(handle);
  if (kind === 'none') return compactedOf(handle.config) ? toldAt(() => serverNow(handle)) : toldAt();
  if (kind === 'passing') return toldByServer(past);
  const isSilent = kind === 'silent';
  /** With a ttl of the bucket alone values end in the order in which they were written, and are kept in it. */
  const isOrdered = isSilent && handle.origin.config.allow_msg_ttl !== true;
  const ends = createEndList(isOrdered);
  let told = isSilent ? toldBefore(past.told) : past.told;
  /** Later ones were left out; the first of them is of this revision. */
  let horizon = Number.POSITIVE_INFINITY;
  let horizonRevision = Number.POSITIVE_INFINITY;
  /** Keys that the watch answered while what was there is read: what it answers is newer. */
  let answered: Set<string> | undefined = past.isEmpty ? undefined : new Set();
  let reading: Promise<void> | undefined;
  let again = false;
  let atLeast = isOrdered ? FIRST_READ : Number.POSITIVE_INFINITY;
  let isLost = false;
  const lost = () => isLost;
  return { note, missed, next, take, reading: () => reading, told: () => place(), toldUpTo, lost };

  function note(event: KvEvent): KvEndsTold | undefined {
    answered?.add(event.key);
    const at = isEntry(event) && event.expiresAt ? Date.parse(event.expiresAt) : undefined;
    ends.remove(event.key);
    if (at !== undefined) ends.add({ key: event.key, at, revision: event.revision });
    trim();
    return toldUpTo(event.revision);
  }

  function toldUpTo(revision: number): KvEndsTold | undefined {
    return isSilent && !past.saysPlace(revision) && !past.isResumed ? undefined : place();
  }

  function missed(end: number): void {
    if (isSilent || end < told.ended || (end === told.ended && told.endedRevision === undefined)) return;
    answered ??= new Set();
    again = reading !== undefined;
  }

  function next(): number {
    if (answered && isToBeRead()) return Date.now() + LOOK_AGAIN_MS;
    const unread = answered ? readAt() : Number.POSITIVE_INFINITY;
    const first = Math.min(ends.nextAt(), horizon - (isSilent ? LEAD_MS : 0), unread);
    return Date.now() + first - serverNow(handle);
  }

  function take(most: number): Ended[] {
    const now = serverNow(handle);
    if (horizon - (isSilent ? LEAD_MS : 0) <= now) answered ??= new Set();
    if (answered && isToBeRead()) {
      read();
      if (!isSilent) return [];
    }
    const { due, taken } = ends.take(now, most);
    const last = taken.at(-1);
    // What is being read has not been told.
    if (answered) return placed();
    if (due.length === taken.length) told = { ended: now };
    else if (last) told = { ended: last.at, endedRevision: last.revision };
    return placed();

    function placed(): Ended[] {
      return taken.map((end, index) => ({ event: toEvent(end), told: placeOf(end, due[index + 1]) }));
    }
  }

  /** Up to where ends were told; of those that leave nothing behind, up to where none comes. */
  function place(): KvEndsTold | undefined {
    if (!isSilent) return told;
    if (answered && past.firstEndAt === undefined) return undefined;
    const unread = answered ? (past.firstEndAt ?? 0) : Number.POSITIVE_INFINITY;
    if (answered && past.isResumed) return { ...past.told, ended: Math.min(unread, ends.nextAt() - 1) };
    const first = ends.first();
    const ended = Math.min(unread, ends.nextAt() - 1, horizon - 1, serverNow(handle) + YEAR_MS);
    return { ended, ...(isOrdered && first && first.at - 1 === ended && { endedRevision: first.revision }) };
  }

  /** Of an end: up to itself, since the next may be of the same millisecond. */
  function placeOf({ at, revision }: End, following: End | undefined): KvEndsTold | undefined {
    if (!isSilent) return { ended: at, endedRevision: revision };
    return following ? { ended: following.at - 1, endedRevision: following.revision } : place();
  }

  function isToBeRead(): boolean {
    return readAt() <= serverNow(handle);
  }

  function readAt(): number {
    if (!isSilent || past.firstEndAt === undefined) return 0;
    return Math.min(past.firstEndAt, horizon) - LEAD_MS;
  }

  /** What fails is tried again when it is asked for again. */
  function read(): void {
    const bound = Math.min(past.isResumed ? (past.firstEndAt ?? 0) : Number.POSITIVE_INFINITY, horizon);
    const revision = Math.min(
      past.isResumed ? (past.told.endedRevision ?? 0) : Number.POSITIVE_INFINITY,
      horizonRevision,
    );
    reading ??= past
      .read(atLeast)
      .then(async found => {
        // What is older than a value ends before it.
        if (isSilent && serverNow(handle) > bound)
          isLost = !isOrdered || (await past.firstRevision()) > revision;
        setHorizon(found);
        for (const end of found) if (!answered?.has(end.key) && !wasTold(end, told)) ends.add(end);
        if (isOrdered) ends.sort();
        answered = again ? new Set() : undefined;
        again = false;
        trim();
      })
      .catch(() => undefined)
      .finally(() => (reading = undefined));
  }

  /** What is behind the last that was read is read when that is due; more of it where nothing has ended since. */
  function setHorizon(found: readonly End[]): void {
    const last = found.length >= atLeast ? found.at(-1) : undefined;
    if (last && last.revision + 1 === horizonRevision) atLeast *= 4;
    horizon = last ? last.at : Number.POSITIVE_INFINITY;
    horizonRevision = last ? last.revision + 1 : Number.POSITIVE_INFINITY;
  }

  function trim(): void {
    const leftOut = ends.trim();
    if (!leftOut) return;
    horizon = Math.min(horizon, leftOut.at);
    horizonRevision = Math.min(horizonRevision, leftOut.revision);
  }
}

const NO_ENDS: Pick<Ends, 'missed' | 'next' | 'take' | 'reading' | 'lost'> = {
  missed: () => undefined,
  next: () => Number.POSITIVE_INFINITY,
  take: () => [],
  reading: () => undefined,
  lost: () => false,
};

/** Where no value ends; where markers were dropped once it is said when the watch stood where it stood. */
function toldAt(now?: () => number): Ends {
  const told = () => now && { ended: now() };
  return { ...NO_ENDS, note: told, told, toldUpTo: told };
}

/** Where the server leaves a marker, which is an event as any other. */
function toldByServer({ told, saysPlace, isResumed }: Past): Ends {
  let seen = told;
  const toldUpTo = (revision: number) => (saysPlace(revision) || isResumed ? seen : undefined);
  return { ...NO_ENDS, note, told: () => seen, toldUpTo };

  function note({ revision, createdAt }: KvEvent): KvEndsTold | undefined {
    if (saysPlace(revision)) seen = { ended: Date.parse(createdAt) };
    return toldUpTo(revision);
  }
}

/** A place before an end that was still to come, as what was told. */
function toldBefore({ ended, endedRevision }: KvEndsTold): KvEndsTold {
  return endedRevision === undefined ? { ended } : { ended: ended + 1, endedRevision: endedRevision - 1 };
}

function wasTold({ at, revision }: End, { ended, endedRevision = Number.POSITIVE_INFINITY }: KvEndsTold) {
  return at < ended || (at === ended && revision <= endedRevision);
}

function toEvent({ key, at, revision }: End): KvEvent {
  return { key, operation: 'expire', revision, createdAt: new Date(at).toISOString() };
}

/**
 * What a read of many keys claims about the set of keys. JetStream's revision is the place of a write in the order of all,
 * so that each claim is a comparison and nothing has to be searched (times are steps of one clock of the test's own).
 */

/** A write; `value` undefined: it ended the key. */
export interface Write {
  key: string;
  value: string | undefined;
  /** Undefined where the answer did not say: an import. */
  revision: number | undefined;
  begun: number;
  done: number;
  /** It may end by itself at any time. */
  expires: boolean;
}

/** A read of many keys. */
export interface Read {
  what: string;
  begun: number;
  done: number;
  /** Whether a key is within what was asked for. */
  covers(key: string): boolean;
  found: { key: string; revision?: number | undefined; value?: string | undefined }[];
  /** No key may come twice; `revision`: no revision of a key. */
  once: boolean | 'revision';
  /** Which keys it has: those that live all the time unless it says otherwise. */
  of?: 'deleted' | 'untouched';
  /** It was broken off, and claims nothing of what it has not. */
  isPart?: boolean;
  /** A value may be as old as the replica that answered, within what was asked. */
  mayBeStale: boolean;
}

/** Everything that is wrong about a read, in words. */
export function faultsOf(read: Read, writes: ReadonlyMap<string, Write[]>): string[] {
  return [...leftOut(read, writes), ...twice(read), ...untrue(read, writes)];
}

/** A key that is live from beginning to end is there. */
function leftOut(read: Read, writes: ReadonlyMap<string, Write[]>): string[] {
  if (read.isPart) return [];
  const found = new Set(read.found.map(({ key }) => key));
  const isClaimed = { live: isLive, deleted: isDeleted, untouched: isUntouched }[read.of ?? 'live'];
  return [...writes]
    .filter(([key, all]) => read.covers(key) && !found.has(key) && isClaimed(all, read))
    .map(([key]) => `${read.what} left out ${key}, which was ${read.of ?? 'live'} all the time`);
}

function isLive(all: Write[], { begun, done }: Read): boolean {
  const last = lastBefore(all, begun);
  if (last?.value === undefined || last.expires) return false;
  // What ended it may have been stored after what was acknowledged before it.
  return !all.some(
    write =>
      (write.value === undefined || write.expires) &&
      write.begun < done &&
      (write.revision === undefined ? write.done >= last.begun : write.revision > (last.revision ?? 0)),
  );
}

/** What ended it was the last of all that was written by then, and what it ended was a value. */
function isDeleted(all: Write[], { begun, done }: Read): boolean {
  const last = lastBefore(all, begun);
  if (!last || last.value !== undefined || last.revision === undefined) return false;
  const others = all.filter(write => write !== last && write.begun < done);
  return (
    others.some(({ value, revision }) => value !== undefined && revision !== undefined) &&
    others.every(({ revision = Infinity, expires }) => !expires && revision < (last.revision ?? 0))
  );
}

/** Its last write was over before, and nobody wrote it meanwhile. */
function isUntouched(all: Write[], { begun, done }: Read): boolean {
  const last = lastBefore(all, begun);
  return (
    last?.value !== undefined &&
    last.revision !== undefined &&
    all.every(write => !write.expires && (write.done < last.begun || write === last || write.begun > done))
  );
}

/** The latest of the writes that were acknowledged before. */
function lastBefore(all: Write[], time: number): Write | undefined {
  return all
    .filter(({ done }) => done < time)
    .reduce<Write | undefined>(
      (last, write) => ((write.revision ?? 0) >= (last?.revision ?? 0) ? write : last),
      undefined,
    );
}

function twice({ what, once, found }: Read): string[] {
  if (!once) return [];
  const keys = found.map(({ key, revision }) => (once === 'revision' ? `${key} at ${revision}` : key));
  return keys.filter((key, at) => keys.indexOf(key) !== at).map(key => `${what} has ${key} twice`);
}

/** Each value was written under its revision, not after the read was over, and was not followed before it began. */
function untrue(read: Read, writes: ReadonlyMap<string, Write[]>): string[] {
  return read.found.flatMap(({ key, revision, value }) => {
    if (revision === undefined) return [];
    const all = writes.get(key) ?? [];
    const written = all.find(write => write.revision === revision);
    if (!written)
      return all.some(write => write.revision === undefined)
        ? []
        : [`${read.what}: nobody wrote ${key} at ${revision}`];
    if (written.begun > read.done) return [`${read.what} has ${key} at ${revision}, written later`];
    if (value !== undefined && written.value !== value)
      return [`${read.what}: ${key} at ${revision} is "${value}", not "${written.value}"`];
    const before = lastBefore(all, read.begun);
    if (!read.mayBeStale && (before?.revision ?? 0) > revision)
      return [`${read.what} has ${key} at ${revision}, past since ${before?.revision}`];
    return [];
  });
}

/** A purge of every key under a filter. */
export interface Purge {
  begun: number;
  done: number;
  covers(key: string): boolean;
}

/** A value that was there before a purge began is in no read that began when the purge was over. */
export function faultsOfPurges(
  { what, begun, found, mayBeStale }: Read,
  purges: readonly Purge[],
  writes: ReadonlyMap<string, Write[]>,
): string[] {
  if (mayBeStale) return [];
  const over = purges.filter(purge => purge.done < begun);
  return found.flatMap(({ key, revision }) => {
    const written = (writes.get(key) ?? []).find(write => write.revision === revision);
    if (revision === undefined || !written) return [];
    const survived = over.some(purge => purge.covers(key) && written.done < purge.begun);
    return survived ? [`${what} has ${key} at ${revision}, which a purge had to take`] : [];
  });
}

/** A watch that was broken off and resumed: every change once, in order, none left out but what a purge took away. */
export function faultsOfWatch(
  all: { key: string; revision: number; operation: string; id?: string | undefined }[],
  writes: ReadonlyMap<string, Write[]>,
  history: number,
): string[] {
  const faults: string[] = [];
  // An end that the server tells nobody of has the revision of its value, and a place of its own.
  const isEnd = ({ operation, id }: (typeof all)[number]) => operation === 'expire' && id !== undefined;
  const ends = all.filter(isEnd).map(({ key, revision }) => `${key} at ${revision}`);
  for (const end of new Set(ends))
    if (ends.filter(one => one === end).length > 1) faults.push(`watch: twice the end of ${end}`);
  const events = all.filter(event => !isEnd(event));
  events.forEach(({ revision }, at) => {
    if (at > 0 && revision <= (events[at - 1]?.revision ?? 0))
      faults.push(`watch: ${revision} out of order or twice`);
  });
  const seen = new Set(events.map(({ revision }) => revision));
  for (const [key, all] of writes) {
    const known = all.filter(({ revision }) => revision !== undefined);
    const last = known.reduce((most, { revision = 0 }) => Math.max(most, revision), 0);
    const newest = known.find(({ revision }) => revision === last);
    // A purge of many that was over before does not tell what it wrote.
    const isCertain = all.every(
      ({ revision, value, done }) =>
        revision !== undefined || (value === undefined && done < (newest?.begun ?? 0)),
    );
    const isEnded = all.some(({ value, expires }) => value === undefined || expires);
    for (const { revision = 0, expires } of known) {
      // What a later write or its end took away before the watch came to it is not shown; what is last of a key always is.
      const isLast = revision === last && !expires && isCertain;
      const kept = isLast || (history === 64 && !isEnded);
      if (kept && !seen.has(revision)) faults.push(`watch left out ${key} at ${revision}`);
    }
  }
  return faults;
}

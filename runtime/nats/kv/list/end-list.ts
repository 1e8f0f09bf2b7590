/** The end of a value. */
export interface End {
  key: string;
  /** Milliseconds since 1970 by the server's clock. */
  at: number;
  /** Of the value. */
  revision: number;
}

/** Ends that are to come: one for each key. */
export interface EndList {
  add(end: End): void;
  remove(key: string): void;
  /** The one that was added first: of an ordered list, after {@link EndList.sort}, the one that comes first. */
  first(): End | undefined;
  /** When the next comes; Infinity: none will. One that was removed may leave it too soon, which costs a look. */
  nextAt(): number;
  /** Those that have come by a moment, in their order, and those of them that are taken out: at most so many. */
  take(now: number, most: number): { due: End[]; taken: End[] };
  /** Brings an ordered list into order again, after what was there before was added to what came since. */
  sort(): void;
  /** Leaves out those that come last where there are too many, and answers the first of these. */
  trim(): End | undefined;
}

/** Kept of a bucket with more of them: those that come first. The others are read when these have come. */
const MAX_ENDS = 100_000;

/** Makes an empty list. `isOrdered`: ends are added in the order in which they come. */
export function createEndList(isOrdered: boolean): EndList {
  const ends = new Map<string, End>();
  let soonest = Number.POSITIVE_INFINITY;
  return { add, remove: key => void ends.delete(key), first, nextAt, take, sort, trim };

  function add(end: End): void {
    ends.set(end.key, end);
    soonest = Math.min(soonest, end.at);
  }

  function first(): End | undefined {
    for (const end of ends.values()) return end;
    return undefined;
  }

  function nextAt(): number {
    return isOrdered ? (first()?.at ?? Number.POSITIVE_INFINITY) : soonest;
  }

  function take(now: number, most: number): { due: End[]; taken: End[] } {
    const due = nextAt() > now ? [] : [...ends.values()].filter(({ at }) => at <= now).sort(byTime);
    const taken = due.slice(0, most);
    for (const { key } of taken) ends.delete(key);
    if (soonest <= now) soonest = soonestOf(ends);
    return { due, taken };
  }

  function sort(): void {
    const sorted = [...ends.values()].sort(byTime);
    ends.clear();
    for (const end of sorted) ends.set(end.key, end);
  }

  function trim(): End | undefined {
    if (ends.size <= 2 * MAX_ENDS) return undefined;
    const later = [...ends.values()].sort(byTime).slice(MAX_ENDS);
    for (const { key } of later) ends.delete(key);
    return later[0];
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

/** What callers saw during a run, and what is stored at its end: all that the checker goes by. */

/**
 * What became of a call that changes something. `acked`: it was answered as done. `refused`: it was answered that nothing was
 * done. `unknown`: the answer was lost, or said that it is not known.
 */
export type Outcome = 'acked' | 'refused' | 'unknown';

/** A value that was written once, under an id of its own. */
export interface Write {
  key: string;
  /** The value: no other write has it. */
  id: string;
  outcome: Outcome;
  /** Of what was not acknowledged. */
  code?: string;
  /** As it was answered. */
  revision?: number;
  /** Milliseconds since 1970. */
  began: number;
  ended: number;
  /** Place among the writes of its key, where one writer makes them one after the other. */
  order?: number;
}

/** What a read of a key answered; without `revision` there was nothing. */
export interface Read {
  key: string;
  revision?: number;
  began: number;
}

/** A message that is stored, in the order of the stream. */
export interface Stored {
  revision: number;
  key: string;
  id: string;
}

/** A counter that was counted up by ones. */
export interface Counted {
  key: string;
  /** Values that acknowledged steps were answered. */
  answers: number[];
  unknown: number;
  final: number;
}

/** A lock that somebody held, from when it was answered to when its release was sent. */
export interface Held {
  key: string;
  fence: number;
  from: number;
  to: number;
}

/** An item of a queue. */
export interface Queued {
  id: string;
  pushed: Outcome;
  /** How often it was acknowledged as done. */
  done: number;
  /** Whether it may be done without an acknowledgement: the answer to that was lost. */
  open: boolean;
  /**
   * What is stored of it at the end: that it is in the queue, or among the dead letters, or the marker of a purge, which whoever was done
   * with it left; undefined: nothing at all.
   */
  end: 'left' | 'dead' | 'gone' | undefined;
}

/** A row of the warehouse that must be there, and who it must be from; `found` are the users of all rows of the event. */
export interface Row {
  event: string;
  user: string | undefined;
  found: (string | undefined)[];
}

/** All of a run. */
export interface Observed {
  writes: Write[];
  reads: Read[];
  stored: Stored[];
  counters: Counted[];
  /** Ids of writes that are one transaction. */
  transactions: string[][];
  /** For each consistent read of the keys of one transaction, which of them were there. */
  snapshots: boolean[][];
  /** For each listing, the keys that were live all the time and that it left out. */
  listings: string[][];
  /** Revisions that each watch delivered, in order. */
  watches: number[][];
  held: Held[];
  queue: Queued[];
  /** What kvflow tells of the queue at the end. */
  queueInfo: { length: number; dead: number };
  rows: Row[];
  /** Answers whose code or `retryable` is not what the table of errors says. */
  untrue: string[];
}

/** An empty one. */
export function nothingObserved(): Observed {
  return {
    writes: [],
    reads: [],
    stored: [],
    counters: [],
    transactions: [],
    snapshots: [],
    listings: [],
    watches: [],
    held: [],
    queue: [],
    queueInfo: { length: 0, dead: 0 },
    rows: [],
    untrue: [],
  };
}

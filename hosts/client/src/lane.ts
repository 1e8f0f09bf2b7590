import type { Reach } from './reach.ts';

/** What waits to be sent. */
export interface Queued {
  reach: Reach;
  /** Goes in a request of its own. */
  alone: boolean;
  /** About how much of a request it takes. */
  bytes: number;
}

/** What still goes into a request. */
export interface Room {
  calls: number;
  bytes: number;
}

/** How many requests with writes to a bucket are under way at once: kvflow works on one while answers of another are read. */
const MAX_REQUESTS = 4;
/** A request carries about as many bytes at most: kvflow takes no more. */
const MAX_BYTES = 4 * 1024 * 1024;
/** kvflow takes at most this many calls at once. */
const MAX_CALLS = 1_000;
/** So many that have to wait are passed over in search of what may go. */
const MAX_LEFT = 1_000;

/** The room of a request that nothing is in yet. */
export function wholeRoom(): Room {
  return { calls: MAX_CALLS, bytes: MAX_BYTES };
}

/** The calls of one bucket: those that wait, in their order, and the keys that are being written. */
export function createLane<Call extends Queued>() {
  let waiting: Call[] = [];
  /** How many calls that are not over write each key. */
  const busy = new Map<string, number>();
  /** How many calls that wait write each key. */
  const awaited = new Map<string, number>();
  let writes = 0;
  let requests = 0;
  /** What writes keys that it does not name is alone. */
  let isTaken = false;
  return {
    /** Whether a read has to wait here: for a write of its key that was asked for before it and is not sent yet. */
    holds: ({ keys = [] }: Reach) => keys.some(key => awaited.has(key)),
    add: (call: Call) => {
      waiting.push(call);
      count(awaited, call, 1);
    },
    take,
    /** A request with writes was answered. */
    answered: () => {
      requests -= 1;
    },
    /** A call is over: it was answered for the last time. */
    done: ({ reach }: Call) => {
      if (reach.reads) return;
      writes -= 1;
      isTaken &&= reach.keys !== undefined;
      for (const key of reach.keys ?? []) add(busy, key, -1);
    },
    isEmpty: () => writes === 0 && waiting.length === 0,
  };

  /**
   * Takes what may go now, in order: nothing of a key that is being written, or that an earlier call waits for. What does not go
   * alone goes together, as far as there is room.
   */
  function take(room: Room): Call[] {
    const taken: Call[] = [];
    if (requests >= MAX_REQUESTS || isTaken || waiting.length === 0) return taken;
    const left: Call[] = [];
    const behind = new Set<string>();
    const along = new Set<string>();
    let at = 0;
    for (; at < waiting.length && left.length < MAX_LEFT; at++) {
      const call = waiting[at] as Call;
      const { keys, reads } = call.reach;
      // It goes when everything before it is over, and nothing behind it before.
      if (!keys && (writes > 0 || taken.length > 0 || left.length > 0)) break;
      const isHeld = keys?.some(
        key => behind.has(key) || (!reads && (busy.has(key) || (call.alone && along.has(key)))),
      );
      if (!isHeld && !fits(call, room)) break;
      // Requests overtake each other.
      if (isHeld || call.alone) for (const key of keys ?? []) behind.add(key);
      if (isHeld) left.push(call);
      else taken.push(call);
      if (!isHeld) for (const key of keys ?? []) along.add(key);
      isTaken = !keys;
      if (isTaken) {
        at += 1;
        break;
      }
    }
    // Those from `at` on were not looked at.
    waiting = left.concat(waiting.slice(at));
    for (const call of taken) begin(call);
    if (taken.some(({ reach, alone }) => !reach.reads && !alone)) requests += 1;
    return taken;
  }

  function begin(call: Call): void {
    count(awaited, call, -1);
    if (call.reach.reads) return;
    writes += 1;
    for (const key of call.reach.keys ?? []) add(busy, key, 1);
  }

  function count(counts: Map<string, number>, { reach }: Call, step: 1 | -1): void {
    if (!reach.reads) for (const key of reach.keys ?? []) add(counts, key, step);
  }
}

/** Takes the room of a call, where there is some; what is larger than a request goes by itself. */
export function fits({ alone, bytes }: Queued, room: Room): boolean {
  if (alone) return true;
  if (room.calls === 0 || (bytes > room.bytes && room.bytes < MAX_BYTES)) return false;
  room.calls -= 1;
  room.bytes -= bytes;
  return true;
}

function add(counts: Map<string, number>, key: string, step: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + step;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}

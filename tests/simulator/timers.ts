/** Something that is to happen at a time. */
export interface Timer {
  /** Milliseconds since 1970. */
  at: number;
  /** Which of those of one time comes first. */
  order: number;
  work(): void;
  /** It comes again and again, so many milliseconds apart. */
  everyMs?: number;
  cleared?: boolean;
}

/** Timers, of which only the first is ever looked for. */
export interface Timers {
  add(timer: Timer): void;
  /** Takes away the first that was not cleared. */
  take(): Timer | undefined;
}

/** A binary heap; cleared timers stay in it until their time comes. */
export function createTimers(): Timers {
  const heap: Timer[] = [];
  return { add, take };

  function add(timer: Timer): void {
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(timer, heap[above])) break;
      heap[at] = heap[above] as Timer;
      at = above;
    }
    heap[at] = timer;
  }

  function take(): Timer | undefined {
    for (;;) {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return undefined;
      if (first !== last) sink(last);
      if (!first.cleared) return first;
    }
  }

  /** Puts a timer in the place of the first, and down to its own. */
  function sink(timer: Timer): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const below = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[below], timer)) break;
      heap[at] = heap[below] as Timer;
      at = below;
    }
    heap[at] = timer;
  }
}

function isBefore(one: Timer | undefined, other: Timer | undefined): boolean {
  if (!one || !other) return one !== undefined;
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

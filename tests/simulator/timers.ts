/** Something that is to happen at a time. */
export interface Timer {
  /** Milliseconds since 1970. */
  at: number;
  /** Which of those of one time comes first. */
  order: number;
  work(): void;
  /** It comes again and again, so many milliseconds apart; 0: once. */
  everyMs: number;
  cleared: boolean;
}

/** Timers, of which only the first is ever looked for. */
export interface Timers {
  add(timer: Timer): void;
  /** It is not to happen. */
  clear(timer: Timer): void;
  /** Takes away the first that was not cleared. */
  take(): Timer | undefined;
}

/** So few cleared timers are no burden. */
const FEW = 32;

/** A binary heap; cleared timers stay in it until their time comes, or until most are cleared. */
export function createTimers(): Timers {
  let heap: Timer[] = [];
  let cleared = 0;
  return { add, clear, take };

  function add(timer: Timer): void {
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as Timer;
      if (!isBefore(timer, other)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = timer;
  }

  function clear(timer: Timer): void {
    if (timer.cleared) return;
    timer.cleared = true;
    cleared += 1;
    if (cleared < FEW || cleared * 2 < heap.length) return;
    // What is sorted is a heap too.
    heap = heap.filter(one => !one.cleared).sort((one, other) => (isBefore(one, other) ? -1 : 1));
    cleared = 0;
  }

  function take(): Timer | undefined {
    for (;;) {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return undefined;
      if (first !== last) sink(last);
      if (!first.cleared) return first;
      cleared -= 1;
    }
  }

  /** Puts a timer in the place of the first, and down to its own. */
  function sink(timer: Timer): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRight = right < heap.length && isBefore(heap[right] as Timer, heap[left] as Timer);
      const below = isRight ? right : left;
      const other = heap[below] as Timer;
      if (!isBefore(other, timer)) break;
      heap[at] = other;
      at = below;
    }
    heap[at] = timer;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

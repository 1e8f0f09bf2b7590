/** Something that is looked at when something of it is due, and not before. */
export interface NextLook {
  /** Looks by then, in milliseconds since 1970; what was to come sooner still does. */
  by(time: number): void;
  /** There is nothing to look at. */
  none(): void;
}

/**
 * Keeps one timer, set to what is due first, however much waits.
 * @param look looks at all, and answers when there is next something due; `Infinity`: nothing is.
 * @param leastMs between two looks, so that one finds all that is due of many.
 * @param mostMs the clock may be set back: however far it is to what is due, it is looked after so many milliseconds.
 */
export function createNextLook(look: (now: number) => number, leastMs: number, mostMs: number): NextLook {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let lookedAt = 0;
  return { by, none };

  function by(time: number): void {
    if (time >= dueAt) return;
    const now = Date.now();
    const isSoon = now >= lookedAt && now < lookedAt + leastMs;
    dueAt = isSoon ? Math.max(time, lookedAt + leastMs) : time;
    clearTimeout(timer);
    timer = setTimeout(lookNow, Math.min(dueAt - now, mostMs));
    // It keeps no process that has nothing else to do.
    timer.unref();
  }

  function none(): void {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
  }

  function lookNow(): void {
    dueAt = Number.POSITIVE_INFINITY;
    lookedAt = Date.now();
    by(look(lookedAt));
  }
}

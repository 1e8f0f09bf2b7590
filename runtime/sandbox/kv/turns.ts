/** Lets the events of one call write in their order. */
export interface Turns {
  /** Resolves when all events before `index` have run; undefined: they have. */
  wait(index: number): Promise<void> | undefined;
  /** The script of this event has run, or never will again. */
  ran(index: number): void;
  /** The event runs again. */
  again(index: number): void;
}

/** For a call of `count` events. */
export function createTurns(count: number): Turns {
  const done = new Uint8Array(count);
  const waiting = new Map<number, () => void>();
  let low = 0;

  const advance = (): void => {
    while (low < count && done[low] === 1) low++;
    if (waiting.size === 0) return;
    for (const [index, go] of waiting) {
      if (index > low) continue;
      waiting.delete(index);
      go();
    }
  };

  return {
    wait: index =>
      index <= low
        ? undefined
        : new Promise(resolve => {
            waiting.get(index)?.();
            waiting.set(index, resolve);
          }),
    ran(index) {
      done[index] = 1;
      if (index === low) advance();
    },
    again(index) {
      done[index] = 0;
      if (index < low) low = index;
    },
  };
}

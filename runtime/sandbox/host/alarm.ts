/** One timer for many reasons to look. */
export interface Alarm {
  /** Rings after so many milliseconds at the latest; what it was set to before is never put off. */
  within(ms: number): void;
  stop(): void;
}

/** Makes an alarm. Once it has rung it has to be set again; it keeps no process from ending. */
export function createAlarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let ringsAt = Number.POSITIVE_INFINITY;
  const stop = (): void => {
    clearTimeout(timer);
    ringsAt = Number.POSITIVE_INFINITY;
  };
  return {
    within(ms) {
      const at = performance.now() + ms;
      if (ringsAt <= at) return;
      stop();
      ringsAt = at;
      timer = setTimeout(() => {
        stop();
        ring();
      }, ms);
      timer.unref();
    },
    stop,
  };
}

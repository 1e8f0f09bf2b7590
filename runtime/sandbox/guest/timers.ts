import type { EventState, TimerGlobals } from './types.ts';

/** Timers of all events of the realm. */
export interface Timers {
  globals(state: EventState): TimerGlobals;
  /** Runs what is due. */
  fire(): void;
  /** Ms until the next one, Infinity when there is none. */
  next(): number;
}

/** Builds them: no host timer is handed in, the host only calls back. */
export function makeTimers(now: () => number, fail: (state: EventState, error: unknown) => void): Timers {
  interface Timer {
    state: EventState;
    at: number;
    every: number | undefined;
    call: () => void;
  }
  const MAX_PER_EVENT = 1000;
  const all = new Map<number, Timer>();
  let nextId = 1;

  const guarded = (state: EventState, call: () => void): void => {
    if (!state.open) return;
    try {
      call();
    } catch (error) {
      fail(state, error);
    }
  };
  const add = (state: EventState, repeat: boolean, fn: unknown, ms: unknown, args: unknown[]): number => {
    if (typeof fn !== 'function') throw new TypeError('Timers take a function.');
    let count = 0;
    for (const timer of all.values()) if (timer.state === state) count++;
    if (count >= MAX_PER_EVENT) throw new RangeError(`An event may have ${MAX_PER_EVENT} timers at once.`);
    const delay = Math.max(1, Number(ms) || 0);
    const call = (): void => void fn(...args);
    all.set(nextId, { state, at: now() + delay, every: repeat ? delay : undefined, call });
    return nextId++;
  };
  const clear = (state: EventState) => (id: unknown) => {
    if (all.get(id as number)?.state === state) all.delete(id as number);
  };

  return {
    globals: state => ({
      setTimeout: (fn: unknown, ms: unknown, ...args: unknown[]) => add(state, false, fn, ms, args),
      setInterval: (fn: unknown, ms: unknown, ...args: unknown[]) => add(state, true, fn, ms, args),
      setImmediate: (fn: unknown, ...args: unknown[]) => add(state, false, fn, 0, args),
      clearTimeout: clear(state),
      clearInterval: clear(state),
      clearImmediate: clear(state),
      queueMicrotask: (fn: unknown) => {
        if (typeof fn !== 'function') throw new TypeError('queueMicrotask takes a function.');
        Promise.resolve().then(() => guarded(state, () => void fn()));
      },
    }),
    fire() {
      const time = now();
      for (const [id, timer] of [...all].sort((a, b) => a[1].at - b[1].at)) {
        if (!timer.state.open) all.delete(id);
        else if (timer.at <= time && all.has(id)) {
          if (timer.every === undefined) all.delete(id);
          else timer.at = time + timer.every;
          guarded(timer.state, timer.call);
        }
      }
    },
    next() {
      let at = Number.POSITIVE_INFINITY;
      for (const [id, timer] of all) {
        if (!timer.state.open) all.delete(id);
        else if (timer.at < at) at = timer.at;
      }
      return at === Number.POSITIVE_INFINITY ? at : Math.max(0, at - now());
    },
  };
}

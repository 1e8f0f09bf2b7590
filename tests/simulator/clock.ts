import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Timer } from './timers.ts';
import { createTimers } from './timers.ts';

/** Time that passes only as fast as there is something to do. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, work: () => void): void;
  /**
   * Does work that begins at the clock's start, and lets time pass until it is done and nothing of it is left that would happen later;
   * answers its outcome. Throws where nothing is left that could end it.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** What `setTimeout` answers. */
interface Handle {
  timer: Timer;
  ref(): Handle;
  unref(): Handle;
}

const MAX_IDLE = 20_000;
/** So many in a row before the process is let come to rest, which is when it ends for a rejection that nobody handles. */
const TICKS = 50;
/** Since this process began, at the clock's start. */
const UP_MS = 60_000;
function itself(this: Handle): Handle {
  return this;
}

/**
 * Takes the place of this process's timers and clock, for good: a process that simulates does nothing else.
 * @param start milliseconds since 1970.
 */
export function installClock(start: number): Clock {
  const realImmediate = setImmediate;
  /** What is to happen before any time passes. */
  const soon: (() => void)[] = [];
  const addSoon = (work: (...args: unknown[]) => void, ...args: unknown[]) =>
    void soon.push(() => work(...args));
  const timers = createTimers();
  let now = start;
  let order = 0;
  const begin = (work: () => void, ms: number, everyMs = 0): Timer => {
    const timer: Timer = { at: now + Math.max(0, ms), order: ++order, work, everyMs, cleared: false };
    timers.add(timer);
    return timer;
  };
  const add = (work: () => void, ms: number, everyMs?: number): Handle => ({
    timer: begin(work, ms, everyMs),
    ref: itself,
    unref: itself,
  });
  const clear = (handle: Handle | undefined) => {
    if (handle) timers.clear(handle.timer);
  };
  const promised = (ms: number, value?: unknown, options?: { signal?: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const timer = add(() => resolve(value), ms);
      options?.signal?.addEventListener('abort', () => {
        clear(timer);
        reject(new DOMException('aborted', 'AbortError'));
      });
    });
  Object.assign(globalThis, {
    setTimeout: (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      add(args.length > 0 ? () => work(...args) : work, ms),
    setInterval: (work: () => void, ms: number) => add(work, ms, ms),
    setImmediate: addSoon,
    clearTimeout: clear,
    clearInterval: clear,
  });
  globalThis.Date = dateOf(() => Math.floor(now));
  const timeOrigin = start - UP_MS;
  Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin });
  performance.now = () => now - timeOrigin;
  const promisedSoon = (value?: unknown) => new Promise(resolve => addSoon(() => resolve(value)));
  Object.assign(createRequire(import.meta.url)('node:timers/promises'), {
    setTimeout: promised,
    setImmediate: promisedSoon,
  });
  syncBuiltinESMExports();
  return { now: () => now, after: (ms, work) => void begin(work, ms), run };

  async function run<T>(work: () => Promise<T>): Promise<T> {
    // What happens follows from what it is told alone: it is the same whatever ran before.
    now = start;
    order = 0;
    let settled = false;
    const done = () => (settled = true);
    const promise = work();
    promise.then(done, done);
    for (let idle = 0, turns = 0; ; turns++) {
      // Everything that is ready now: ticks come after all that is promised.
      if (turns % TICKS > 0 && idle === 0) await new Promise<void>(resolve => process.nextTick(resolve));
      else await new Promise(resolve => realImmediate(resolve));
      const ready = soon.shift();
      if (ready) {
        ready();
        continue;
      }
      const next = timers.take();
      if (settled && !next) return await promise;
      if (!next) {
        // Code that is loaded when it is first needed comes from the disk.
        if (++idle < MAX_IDLE) continue;
        throw new Error('nothing is left to happen, and something still waits');
      }
      idle = 0;
      now = Math.max(now, next.at);
      if (next.everyMs) {
        next.at = now + next.everyMs;
        timers.add(next);
      }
      next.work();
    }
  }
}

/** Dates of a clock: each is one of the real kind, which is what they all are to whoever asks. */
function dateOf(now: () => number): DateConstructor {
  const Real = Date;
  function date(...args: []) {
    if (new.target) return args.length > 0 ? new Real(...args) : new Real(now());
    return new Real(now()).toString();
  }
  Object.setPrototypeOf(date, Real);
  return Object.assign(date, { prototype: Real.prototype, now }) as unknown as DateConstructor;
}

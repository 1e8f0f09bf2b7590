import { createRequire, syncBuiltinESMExports } from 'node:module';

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

interface Timer {
  at: number;
  order: number;
  work: () => void;
  everyMs?: number;
}

const MAX_IDLE = 20_000;
/** Since this process began, at the clock's start. */
const UP_MS = 60_000;

/**
 * Takes the place of this process's timers and clock, for good: a process that simulates does nothing else.
 * @param start milliseconds since 1970.
 */
export function installClock(start: number): Clock {
  const realImmediate = setImmediate;
  const timers = new Map<number, Timer>();
  let now = start;
  let order = 0;
  const add = (work: () => void, ms: number, everyMs?: number) => {
    const id = ++order;
    timers.set(id, { at: now + Math.max(0, ms), order: id, work, ...(everyMs && { everyMs }) });
    return handle(id);
  };
  const handle = (id: number) => ({
    id,
    ref: () => handle(id),
    unref: () => handle(id),
    [Symbol.toPrimitive]: () => id,
  });
  const clear = (timer: { id: number } | undefined) => void (timer && timers.delete(timer.id));
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
      add(() => work(...args), ms),
    setInterval: (work: () => void, ms: number) => add(work, ms, ms),
    clearTimeout: clear,
    clearInterval: clear,
  });
  globalThis.Date = new Proxy(Date, {
    construct: (made, args, asked) => Reflect.construct(made, args.length > 0 ? args : [Date.now()], asked),
  });
  Date.now = () => Math.floor(now);
  const timeOrigin = start - UP_MS;
  Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin });
  performance.now = () => now - timeOrigin;
  Object.assign(createRequire(import.meta.url)('node:timers/promises'), { setTimeout: promised });
  syncBuiltinESMExports();
  return { now: () => now, after: (ms, work) => void add(work, ms), run };

  async function run<T>(work: () => Promise<T>): Promise<T> {
    // What happens follows from what it is told alone: it is the same whatever ran before.
    now = start;
    order = 0;
    let settled = false;
    const done = () => (settled = true);
    const promise = work();
    promise.then(done, done);
    for (let idle = 0; ; ) {
      // Everything that is ready now.
      for (let turn = 0; turn < 2; turn++) await new Promise(resolve => realImmediate(resolve));
      const next = first();
      if (settled && !next) return await promise;
      if (!next) {
        // Code that is loaded when it is first needed comes from the disk.
        if (++idle < MAX_IDLE) continue;
        throw new Error('nothing is left to happen, and something still waits');
      }
      idle = 0;
      now = Math.max(now, next.at);
      if (next.everyMs) next.at = now + next.everyMs;
      else timers.delete(next.order);
      next.work();
    }
  }

  function first(): Timer | undefined {
    let found: Timer | undefined;
    for (const timer of timers.values()) {
      if (!found || timer.at < found.at || (timer.at === found.at && timer.order < found.order))
        found = timer;
    }
    return found;
  }
}

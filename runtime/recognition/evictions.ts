import type { KvErase, KvStore } from '../core/ports.ts';

/** Forgets events that are done with, when nothing else is to be done. */
export interface Evictions {
  /** Puts events into the queue; of more than it holds, the rest is left to its ttl. */
  later(events: readonly KvErase[]): void;
  /** Holds the queue while a call is running; answers what lets it go on. */
  hold(): () => void;
  /** Resolves when the queue is empty. */
  idle(): Promise<void>;
  /** Drops the queue and resolves when nothing is under way. */
  close(): Promise<void>;
}

const MOST_QUEUED = 100_000;
const IN_FLIGHT = 4;
const WITHIN_MS = 5_000;

/**
 * Makes the queue of one process. Taking an event out costs the server as much as storing it, several times what
 * amending its row costs the warehouse; and nothing depends on it: what is done is known by the mapping, and what a
 * process leaves behind ends with its window.
 */
export function createEvictions(kv: KvStore): Evictions {
  const queue: KvErase[] = [];
  let held = 0;
  let lanes = 0;
  let closed = false;
  let waiting: (() => void)[] = [];
  return { later, hold, idle, close };

  function later(events: readonly KvErase[]): void {
    for (const event of events) if (!closed && queue.length < MOST_QUEUED) queue.push(event);
    run();
  }

  function hold(): () => void {
    held += 1;
    return () => {
      held -= 1;
      run();
    };
  }

  async function idle(): Promise<void> {
    if (queue.length === 0 && lanes === 0) return;
    await new Promise<void>(resolve => waiting.push(resolve));
  }

  async function close(): Promise<void> {
    closed = true;
    queue.length = 0;
    await idle();
  }

  function run(): void {
    while (held === 0 && lanes < Math.min(IN_FLIGHT, queue.length)) {
      lanes += 1;
      void lane();
    }
  }

  async function lane(): Promise<void> {
    try {
      for (let next = take(); next; next = take()) await kv.erase({ deadline: Date.now() + WITHIN_MS }, next);
    } catch {
      // NATS is away: the events end with their window.
      queue.length = 0;
    }
    lanes -= 1;
    if (queue.length > 0 || lanes > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  function take(): KvErase | undefined {
    return held === 0 ? queue.shift() : undefined;
  }
}

import type { KvStore } from '../../core/ports/kv-store.ts';
import type { KvErase } from '../../core/ports/writes.ts';
import type { ReadSettings } from '../settings.ts';

/** An event that is to be taken out of its bucket. */
export interface Eviction extends KvErase {
  /** Its row was amended by its key alone: what else must be known of it is written down first, by these settings. */
  noteFor?: ReadSettings | undefined;
}

/** Forgets events that are done with, when nothing else is to be done. */
export interface Evictions {
  /** Puts events into the queue. */
  later(events: readonly Eviction[]): void;
  /** Holds the queue while a call is running, unless it is long; answers what lets it go on. */
  hold(): () => void;
  /** Resolves when the queue has room: who fills it waits for it. */
  room(): Promise<void>;
  /** Resolves when the queue is empty. */
  idle(): Promise<void>;
  /** Drops the queue and resolves when nothing is under way. */
  close(): Promise<void>;
}

const MAX_QUEUED = 100_000;
/** From here on calls do not hold it up any more, and a lane is kept for it. */
const LONG = 50_000;
const AGAIN_MS = 1_000;
const IN_FLIGHT = 4;
/** Whose notes are written together. */
const BATCH = 64;
const WITHIN_MS = 5_000;

/**
 * Makes the queue of one process. Taking an event out costs the server as much as storing it, several times what
 * amending its row costs the warehouse; and nothing depends on it: what is done is known by the mapping, and what a
 * process leaves behind ends with its window. `note` writes down what is to be known of events that are taken out.
 */
export function createEvictions(
  kv: KvStore,
  note: (kv: KvStore, evictions: readonly Eviction[]) => Promise<void> = async () => undefined,
): Evictions {
  const queue: Eviction[] = [];
  let held = 0;
  let lanes = 0;
  let closed = false;
  let isAway = false;
  let waiting: (() => void)[] = [];
  return { later, hold, room, idle, close };

  function later(events: readonly Eviction[]): void {
    for (const event of events) if (!closed) queue.push(event);
    run();
  }

  function hold(): () => void {
    held += 1;
    return () => {
      held -= 1;
      run();
    };
  }

  async function room(): Promise<void> {
    while (queue.length > MAX_QUEUED && !isAway && !closed)
      await new Promise(resolve => setTimeout(resolve, 10));
  }

  async function idle(): Promise<void> {
    if ((queue.length === 0 || isAway) && lanes === 0) return;
    await new Promise<void>(resolve => waiting.push(resolve));
  }

  async function close(): Promise<void> {
    closed = true;
    queue.length = 0;
    await idle();
  }

  function run(): void {
    while (!isAway && lanes < Math.min(mayRun(), queue.length)) {
      lanes += 1;
      void lane();
    }
  }

  async function lane(): Promise<void> {
    let batch = take();
    try {
      for (; batch.length > 0; batch = take()) {
        await note(kv, batch);
        for (let next = batch.at(-1); next; next = batch.at(-1)) {
          const { bucket, key, upTo } = next;
          await kv.erase({ deadline: Date.now() + WITHIN_MS }, { bucket, key, upTo });
          batch.pop();
        }
      }
    } catch {
      // NATS is away for now. What is not taken out ends with its window.
      isAway = true;
      if (!closed) queue.push(...batch);
      if (queue.length > MAX_QUEUED) queue.length = MAX_QUEUED;
      setTimeout(goOn, AGAIN_MS).unref();
    }
    lanes -= 1;
    if ((queue.length > 0 && !closed && !isAway) || lanes > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  /** How many lanes there may be. */
  function mayRun(): number {
    if (held === 0) return IN_FLIGHT;
    return queue.length > LONG ? IN_FLIGHT : 0;
  }

  function goOn(): void {
    isAway = false;
    run();
  }

  function take(): Eviction[] {
    if (lanes > mayRun()) return [];
    // From the end, as taking from the front moves all the others.
    return queue.splice(Math.max(0, queue.length - (queue.at(-1)?.noteFor ? BATCH : 1)));
  }
}

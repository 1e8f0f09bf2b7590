import { getHeapStatistics } from 'node:v8';
import { PackError } from '../../../contract/errors.ts';

/** The bytes that one process may hold of bodies, answers and streams at once; what would pass it is refused. */
export interface ByteBudget {
  readonly most: number;
  free(): number;
  /** Takes bytes where there is room for them; those who wait come first. */
  tryTake(bytes: number): boolean;
  /** Throws RATE_LIMITED where there is no room. */
  take(bytes: number): void;
  /** Takes bytes as soon as there is room. Throws RATE_LIMITED at `until` (epoch milliseconds), or where too many wait. */
  wait(bytes: number, until: number): Promise<void>;
  give(bytes: number): void;
}

interface Waiting {
  bytes: number;
  settle(taken: boolean): void;
}

const MAX_WAITING = 10_000;
const MIN = 64 * 1024 * 1024;
const RETRY_MS = 1_000;

/** Three eighths of the largest heap that this process may have (`--max-old-space-size`), at least 64 MiB. */
export function defaultBudget(): number {
  return Math.max(MIN, Math.floor(getHeapStatistics().heap_size_limit * 0.375));
}

/** Makes the budget of a process. */
export function createByteBudget(most = defaultBudget()): ByteBudget {
  const waiting: Waiting[] = [];
  let used = 0;
  return { most, free: () => most - used, tryTake, take, wait, give };

  function tryTake(bytes: number): boolean {
    if (waiting.length > 0 || !fits(bytes)) return false;
    used += bytes;
    return true;
  }

  function take(bytes: number): void {
    if (!fits(bytes)) throw noRoom(most);
    used += bytes;
  }

  async function wait(bytes: number, until: number): Promise<void> {
    if (tryTake(bytes)) return;
    if (waiting.length >= MAX_WAITING) throw noRoom(most);
    const taken = await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => one.settle(false), Math.max(0, until - Date.now()));
      const one: Waiting = {
        bytes,
        settle: result => {
          clearTimeout(timer);
          const at = waiting.indexOf(one);
          if (at >= 0) waiting.splice(at, 1);
          resolve(result);
        },
      };
      waiting.push(one);
    });
    if (!taken) throw noRoom(most);
  }

  function give(bytes: number): void {
    used -= bytes;
    for (let first = waiting[0]; first && fits(first.bytes); first = waiting[0]) {
      used += first.bytes;
      first.settle(true);
    }
  }

  /** What is larger than the whole is let in alone: it could never be otherwise. */
  function fits(bytes: number): boolean {
    return used + bytes <= most || used === 0;
  }
}

function noRoom(most: number): PackError {
  return new PackError(
    'RATE_LIMITED',
    `kvflow holds as many bytes of requests and answers as it may (${most}), so that nothing was done. Try again in a moment.`,
    { details: { retry_after_ms: RETRY_MS } },
  );
}

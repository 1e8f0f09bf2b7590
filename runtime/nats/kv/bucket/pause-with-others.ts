import { setTimeout as sleep } from 'node:timers/promises';

/** By each that waits, and at most: what is back is asked by all within this time. */
const [MS_EACH, LONGEST_MS] = [3, 300];
let waiting = 0;

/**
 * Waits before what nobody answered is sent again: as long as one that is alone would, or longer where many wait, so that a server that is
 * without what they ask for is not asked ten thousand times a second by them. Nobody waits longer than alone for what comes after `until`
 * (milliseconds since 1970), when it is given up.
 */
export async function pauseWithOthers(aloneMs: number, until: number): Promise<void> {
  waiting += 1;
  try {
    await sleep(Math.max(aloneMs, Math.min(LONGEST_MS, MS_EACH * waiting, until - Date.now())));
  } finally {
    waiting -= 1;
  }
}

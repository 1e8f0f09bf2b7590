import { sleep } from 'n8n-workflow';

/** Milliseconds after which it is noticed that the pause is over. */
const STEP_MS = 250;

/** Waits, less long when `over` says so: nodes have no timers that could be cleared. */
export async function pause(ms: number, over: () => boolean): Promise<void> {
  for (let left = ms; left > 0 && !over(); left -= STEP_MS) await sleep(Math.min(left, STEP_MS));
}

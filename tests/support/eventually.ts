import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './patience.ts';

/** How long to go on trying, on a usual machine, and how often; milliseconds. */
export interface EventuallyOptions {
  within?: number;
  every?: number;
}

/** Tries until `attempt` no longer throws, and answers what it answers; throws its last error when time is up. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { within = 10_000, every = 20 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = Date.now() + within * PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await sleep(every);
    }
  }
}

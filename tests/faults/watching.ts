import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../hosts/client/src/index.ts';
import { PATIENCE } from '../support/patience.ts';
import { DATA } from './load.ts';

/** Watches of the data through each kvflow, which go on over whatever breaks. */
export interface Watching extends AsyncDisposable {
  /** What each delivered so far. */
  readonly revisions: number[][];
  /** Resolves when each has come to a revision, or makes no progress for some seconds. */
  reached(revision: number): Promise<void>;
}

const STUCK_MS = 15_000 * PATIENCE;

/** Begins a watch through each kvflow. */
export async function watchThroughout(urls: readonly string[]): Promise<Watching> {
  const ending = new AbortController();
  const revisions = urls.map((): number[] => []);
  let heard = Date.now();
  const watching = urls.map(async (url, index) => {
    const client = createClient({ url, retries: 1_000 });
    for await (const event of client.watch(DATA, { start: 'history', signal: ending.signal })) {
      if (typeof event.revision !== 'number') continue;
      revisions[index]?.push(event.revision);
      heard = Date.now();
    }
  });
  for (const watch of watching) watch.catch(() => undefined);
  return {
    revisions,
    reached: async revision => {
      heard = Date.now();
      while (Date.now() - heard < STUCK_MS && revisions.some(seen => (seen.at(-1) ?? 0) < revision))
        await sleep(50);
    },
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.allSettled(watching);
    },
  };
}

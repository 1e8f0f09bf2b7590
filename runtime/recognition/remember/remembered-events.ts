import { MAX_ROWS } from '../../core/destinations.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { JobContext } from '../identify/job.ts';
import type { Listed } from './remember.ts';
import { toListed } from './remember.ts';

/** What is remembered of some visitors, a batch at a time. */
export interface RememberedEvents {
  /** Where the next events are, at most 1,000; none after the last. May be asked again meanwhile. */
  next(): Promise<Place[]>;
}

/** Where an event is. */
export interface Place {
  key: string;
  visitor: string;
  /** Stands for the event. */
  token: string;
}

/** How many visitors' keys are listed at once. */
const VISITORS = 16;

/**
 * Lists what is remembered of visitors as the leader has it, from the server's index of keys: listing a pattern with its
 * values makes the server look through the whole bucket. Only keys are held. It begins at once, and is always a batch
 * ahead of who asks.
 */
export function rememberedEvents(ctx: JobContext, visitors: Iterable<string>): RememberedEvents {
  const waiting = [...visitors];
  let keys: Place[] = [];
  let ahead = list();
  ahead.catch(() => undefined);
  return {
    next() {
      const batch = ahead;
      ahead = batch.then(list);
      // Who asks for the batch is told; that nobody does is no fault.
      ahead.catch(() => undefined);
      return batch;
    },
  };

  async function list(): Promise<Place[]> {
    while (keys.length < MAX_ROWS && waiting.length > 0) {
      keys = keys.concat(await keysOf(ctx, waiting.splice(0, VISITORS)));
    }
    return keys.splice(0, MAX_ROWS);
  }
}

async function keysOf({ kv, call, settings: { bucket } }: JobContext, visitors: string[]) {
  const listed = visitors.map(async visitor =>
    (await kv.keys(call, bucket, `${visitor}.*`)).map(key => ({
      key,
      visitor,
      token: key.slice(visitor.length + 1),
    })),
  );
  return (await Promise.all(listed)).flat();
}

/** The events that are still there, in the order they were written. */
export async function readEvents(
  { kv, call, settings: { bucket } }: JobContext,
  keys: readonly Place[],
): Promise<Listed[]> {
  if (keys.length === 0) return [];
  const found = await kv.getMany(
    call,
    bucket,
    keys.map(({ key }) => key),
  );
  const events: Promise<Listed | undefined>[] = [];
  for (const [index, { visitor }] of keys.entries()) {
    const entry = found[index];
    if (isEntry(entry)) events.push(toListed(visitor, entry));
  }
  const listed = (await Promise.all(events)).filter(event => event !== undefined);
  return listed.sort((a, b) => a.revision - b.revision);
}

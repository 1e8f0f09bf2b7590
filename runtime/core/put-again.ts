import type { FunctionContext } from './define-function.ts';
import { keptAbout } from './items.ts';
import type { KvEntry } from './ports/items.ts';
import { waitsFor } from './scheduled.ts';

/** Where an item is put again, and what is left of its time. */
export interface PutAgain {
  bucket: string;
  key: string;
  /** Nanoseconds. */
  ttl?: number | undefined;
  expectedRevision?: number | undefined;
}

/** Puts an item again with all that belongs to it; one that waits goes on waiting for the same time. Answers its revision. */
export async function putAgain(ctx: FunctionContext, entry: KvEntry, asked: PutAgain): Promise<number> {
  const { bucket, key, ttl, expectedRevision } = asked;
  const { scheduled, value } = entry;
  const waited = scheduled && waitsFor(key);
  const about = { bucket, value, ...keptAbout(entry) };
  const put =
    scheduled && waited !== undefined
      ? { ...about, key: waited, ...scheduled }
      : {
          ...about,
          key,
          ...(ttl !== undefined && { ttl }),
          ...(expectedRevision !== undefined && { expectedRevision }),
        };
  return (await ctx.kv.put(ctx, put)).revision;
}

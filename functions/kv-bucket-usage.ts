import type { KvBucketUsageInput, KvBucketUsageOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { lookUntil } from '../runtime/core/look-time.ts';
import { readPlace, writePlace } from '../runtime/core/place-cursor.ts';
import { createUsage } from '../runtime/core/usage.ts';

/** Messages and keys that are read at once. */
const PAGE = 20_000;
const LIVE_PAGE = 1_000;
/** A call answers what it has counted after this long, in milliseconds. */
const LOOK_MS = 5_000;
const DAY = 86_400_000_000_000;

/** Where a count goes on: first all that is stored, in its order, then the live keys. */
interface Place {
  phase: 'stored' | 'live';
  after: number;
  /** Of the listing. */
  listing?: string;
}

export default defineFunction<KvBucketUsageInput, KvBucketUsageOutput>({
  timeoutMs: 20_000,
  async run(input, ctx) {
    const { bucket, filter = '>', separator = '.', depth = 1, limit = 100, recent = DAY } = input;
    const end = lookUntil(ctx, LOOK_MS);
    const [info, now] = await Promise.all([
      ctx.kv.bucketInfo(ctx, bucket, { count: false }),
      ctx.kv.now(ctx, bucket),
    ]);
    const recentSince = new Date(now - recent / 1e6).toISOString();
    const usage = createUsage({ separator, depth, limit, recentSince });
    let place: Place | undefined =
      input.cursor === undefined ? { phase: 'stored', after: 0 } : readPlace<Place>(input.cursor, isPlace);
    let scanned = 0;
    do {
      place = place.phase === 'stored' ? await addStored(place) : await addLive(place);
    } while (place && Date.now() < end);
    return {
      ...usage.answer(),
      scanned,
      bucket_bytes: info.bytes,
      has_more: place !== undefined,
      ...(place && { cursor: writePlace(place) }),
    };

    async function addStored({ after }: Place): Promise<Place> {
      const page = await ctx.kv.storedPage(ctx, { bucket, startSeq: after, limit: PAGE, filter });
      usage.addStored(page.messages);
      scanned += page.messages.length;
      return page.hasMore ? { phase: 'stored', after: page.nextSeq } : { phase: 'live', after: 0 };
    }

    async function addLive({ after, listing }: Place): Promise<Place | undefined> {
      const range = { bucket, startSeq: after, limit: LIVE_PAGE, filter, keysOnly: true };
      const page = await ctx.kv.listPage(ctx, listing === undefined ? range : { ...range, cursor: listing });
      usage.addLive(page.entries);
      scanned += page.entries.length;
      if (!page.hasMore) return undefined;
      return {
        phase: 'live',
        after: page.nextSeq,
        ...(page.cursor !== undefined && { listing: page.cursor }),
      };
    }
  },
});

function isPlace({ phase, after, listing }: Partial<Place>): boolean {
  const isCount = Number.isSafeInteger(after) && Number(after) >= 0;
  return (
    (phase === 'stored' || phase === 'live') && isCount && ['undefined', 'string'].includes(typeof listing)
  );
}

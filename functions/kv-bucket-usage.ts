import { invalidField } from '../contract/errors.ts';
import type { KvBucketUsageInput, KvBucketUsageOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
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
    const end = Math.min(Date.now() + LOOK_MS, Date.now() + (ctx.deadline - Date.now()) / 2);
    const [info, now] = await Promise.all([ctx.kv.bucketInfo(ctx, bucket), ctx.kv.now(ctx, bucket)]);
    const recentSince = new Date(now - recent / 1e6).toISOString();
    const usage = createUsage({ separator, depth, limit, recentSince });
    let place: Place | undefined =
      input.cursor === undefined ? { phase: 'stored', after: 0 } : read(input.cursor);
    let scanned = 0;
    do {
      place = place.phase === 'stored' ? await addStored(place) : await addLive(place);
    } while (place && Date.now() < end);
    return {
      ...usage.answer(),
      scanned,
      bucket_bytes: info.bytes,
      has_more: place !== undefined,
      ...(place && { cursor: write(place) }),
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

function write(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function read(cursor: string): Place {
  try {
    const { phase, after, listing } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Place;
    const isPlace = (phase === 'stored' || phase === 'live') && Number.isSafeInteger(after) && after >= 0;
    if (isPlace && (listing === undefined || typeof listing === 'string'))
      return { phase, after, ...(listing !== undefined && { listing }) };
  } catch {
    // Said below.
  }
  throw invalidField('/cursor', 'must be the cursor that a call before has answered');
}

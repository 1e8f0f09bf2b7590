import { invalidField } from '../contract/errors.ts';
import type {
  BucketInfo,
  ExportedRecord,
  KvBucketExportInput,
  KvBucketExportOutput,
} from '../contract/types.gen.ts';
import { optionsOf } from '../runtime/core/bucket-options.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { exportedRecord } from '../runtime/core/exported-record.ts';
import { keepMatching } from '../runtime/core/keep-matching.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';

export default defineFunction<KvBucketExportInput, KvBucketExportOutput>({
  // A search may run JavaScript over each item.
  timeoutMs: 60_000,
  async run({ bucket, after = 0, cursor, limit = 1_000, filter = '>', query, history = false }, ctx) {
    if (history && query !== undefined)
      throw invalidField('/query', 'goes with live items alone, not with history');
    if (history && cursor !== undefined)
      throw invalidField('/cursor', 'goes with live items alone; with history pages go on with after');
    const matcher = query === undefined ? undefined : createKeyMatcher(query);
    if (history) return await historyPage({ bucket, after, limit, filter }, ctx);
    const [page, known] = await Promise.all([
      ctx.kv.listPage(ctx, {
        bucket,
        startSeq: after,
        limit,
        filter,
        namesUnreadable: true,
        ...(cursor !== undefined && { cursor }),
      }),
      after === 0 && cursor === undefined ? info(ctx, bucket) : undefined,
    ]);
    const now = await ctx.kv.now(ctx, bucket);
    const { found, unjudged } = await keepMatching(ctx, matcher, { entries: page.entries, now });
    const bucketTtl = found.some(entry => entry.expiresAt) ? (known ?? (await info(ctx, bucket))).ttl : 0;
    return {
      ...(known && { header: headerOf(known, now) }),
      records: found.map(entry => toRecord(entry, bucketTtl)),
      next: page.nextSeq,
      has_more: page.hasMore,
      ...(page.cursor !== undefined && { cursor: page.cursor }),
      ...(page.unreadable && { unreadable: page.unreadable }),
      ...(unjudged.length > 0 && { unjudged: unjudged.map(({ key }) => key) }),
    };
  },
});

/** No key is answered once alone here, so that there is nothing to remember from page to page. */
async function historyPage(
  { bucket, after, limit, filter }: { bucket: string; after: number; limit: number; filter: string },
  ctx: FunctionContext,
): Promise<KvBucketExportOutput> {
  const known = await info(ctx, bucket);
  const range = { bucket, startSeq: after, limit, filter, namesUnreadable: true };
  const page = await ctx.kv.historyPage(ctx, range);
  const now = await ctx.kv.now(ctx, bucket);
  return {
    ...(after === 0 && { header: { ...headerOf(known, now), history_of: page.source } }),
    records: page.entries.map(entry => (isEntry(entry) ? toRecord(entry, known.ttl) : toMarker(entry))),
    history_of: page.source,
    next: page.nextSeq,
    has_more: page.hasMore,
    ...(page.unreadable && { unreadable: page.unreadable }),
  };
}

function toRecord(entry: KvEntry, bucketTtl: number): ExportedRecord {
  return { ...exportedRecord(entry, bucketTtl), ...(entry.by && { by: entry.by }) };
}

function toMarker({ key, operation, revision, createdAt, by }: KvMarker & { key: string }): ExportedRecord {
  return { key, operation, revision, created_at: createdAt, ...(by && { by }) };
}

function info(ctx: FunctionContext, bucket: string): Promise<BucketInfo> {
  return ctx.kv.bucketInfo(ctx, bucket, { count: false });
}

function headerOf(known: BucketInfo, now: number): NonNullable<KvBucketExportOutput['header']> {
  return { bucket: known.bucket, options: optionsOf(known), exported_at: new Date(now).toISOString() };
}

import type {
  BucketInfo,
  ExportedRecord,
  KvBucketExportInput,
  KvBucketExportOutput,
} from '../contract/types.gen.ts';
import { optionsOf } from '../runtime/core/bucket-options.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf } from '../runtime/core/items.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports.ts';
import { isEntry } from '../runtime/core/ports.ts';
import { readValue } from '../runtime/core/values.ts';

const NS_PER_MS = 1_000_000;

export default defineFunction<KvBucketExportInput, KvBucketExportOutput>({
  async run({ bucket, after = 0, cursor, limit = 1_000, filter = '>', history = false }, ctx) {
    if (history) return await historyPage({ bucket, after, limit, filter }, ctx);
    const [page, known] = await Promise.all([
      ctx.kv.listPage(ctx, {
        bucket,
        startSeq: after,
        limit,
        filter,
        ...(cursor !== undefined && { cursor }),
      }),
      after === 0 && cursor === undefined ? info(ctx, bucket) : undefined,
    ]);
    const bucketTtl = page.entries.some(entry => entry.expiresAt)
      ? (known ?? (await info(ctx, bucket))).ttl
      : 0;
    return {
      ...(known && { header: headerOf(known) }),
      records: page.entries.map(entry => toRecord(entry, bucketTtl)),
      next: page.nextSeq,
      has_more: page.hasMore,
      ...(page.cursor !== undefined && { cursor: page.cursor }),
    };
  },
});

/** No key is answered once alone here, so that there is nothing to remember from page to page. */
async function historyPage(
  { bucket, after, limit, filter }: { bucket: string; after: number; limit: number; filter: string },
  ctx: FunctionContext,
): Promise<KvBucketExportOutput> {
  const known = await info(ctx, bucket);
  const page = await ctx.kv.historyPage(ctx, { bucket, startSeq: after, limit, filter });
  return {
    ...(after === 0 && { header: { ...headerOf(known), history_of: page.source } }),
    records: page.entries.map(entry => (isEntry(entry) ? toRecord(entry, known.ttl) : toMarker(entry))),
    history_of: page.source,
    next: page.nextSeq,
    has_more: page.hasMore,
  };
}

function toMarker({ key, operation, revision, createdAt }: KvMarker & { key: string }): ExportedRecord {
  return { key, operation, revision, created_at: createdAt };
}

function info(ctx: FunctionContext, bucket: string): Promise<BucketInfo> {
  return ctx.kv.bucketInfo(ctx, bucket, { count: false });
}

function headerOf(known: BucketInfo): NonNullable<KvBucketExportOutput['header']> {
  return { bucket: known.bucket, options: optionsOf(known), exported_at: new Date().toISOString() };
}

function toRecord(entry: KvEntry, bucketTtl: number): ExportedRecord {
  const ttl = ownTtl(entry, bucketTtl);
  return {
    key: entry.key,
    ...readValue(entry.value),
    revision: entry.revision,
    ...detailsOf(entry),
    ...(ttl !== undefined && { ttl }),
  };
}

/** An item that expires as every item of its bucket does has no ttl of its own. */
function ownTtl({ createdAt, expiresAt }: KvEntry, bucketTtl: number): number | undefined {
  if (!expiresAt) return undefined;
  const milliseconds = Date.parse(expiresAt) - Date.parse(createdAt);
  // Both times are cut to the millisecond, and an item may live for less.
  return Math.abs(milliseconds - bucketTtl / NS_PER_MS) <= 1
    ? undefined
    : Math.max(1, milliseconds) * NS_PER_MS;
}

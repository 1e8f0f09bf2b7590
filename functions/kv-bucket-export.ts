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
import type { KvEntry } from '../runtime/core/ports.ts';
import { readValue } from '../runtime/core/values.ts';

const NS_PER_MS = 1_000_000;

export default defineFunction<KvBucketExportInput, KvBucketExportOutput>({
  async run({ bucket, after = 0, cursor, limit = 1_000, filter = '>' }, ctx) {
    const [page, known] = await Promise.all([
      ctx.kv.listPage(ctx, {
        bucket,
        startSeq: after,
        limit,
        filter,
        ...(cursor !== undefined && { cursor }),
      }),
      after === 0 && cursor === undefined ? ctx.kv.bucketInfo(ctx, bucket) : undefined,
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

function info(ctx: FunctionContext, bucket: string): Promise<BucketInfo> {
  return ctx.kv.bucketInfo(ctx, bucket);
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
  // Both times are cut to the millisecond.
  return Math.abs(milliseconds - bucketTtl / NS_PER_MS) <= 1 ? undefined : milliseconds * NS_PER_MS;
}

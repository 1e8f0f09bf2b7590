import type { KvBucketListInput, KvBucketListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { mayUseBucket } from '../runtime/core/principal.ts';

export default defineFunction<KvBucketListInput, KvBucketListOutput>({
  async run(_input, ctx) {
    const all = await ctx.kv.listBuckets(ctx);
    const buckets = all.buckets.filter(({ bucket }) => mayUseBucket(ctx.principal, bucket));
    const unavailable = all.unavailable.filter(bucket => mayUseBucket(ctx.principal, bucket));
    return { buckets, total: buckets.length, ...(unavailable.length > 0 && { unavailable }) };
  },
});

import type { KvBucketListInput, KvBucketListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvBucketListInput, KvBucketListOutput>({
  async run(_input, ctx) {
    const { buckets, unavailable } = await ctx.kv.listBuckets(ctx);
    return { buckets, total: buckets.length, ...(unavailable.length > 0 && { unavailable }) };
  },
});

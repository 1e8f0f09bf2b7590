import { UNLISTED_BUCKETS } from '../contract/own-buckets.ts';
import type { KvBucketListInput, KvBucketListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvBucketListInput, KvBucketListOutput>({
  async run({ include_own = false }, ctx) {
    const { buckets: all, unavailable } = await ctx.kv.listBuckets(ctx);
    const buckets = include_own ? all : all.filter(({ bucket }) => !UNLISTED_BUCKETS.has(bucket));
    return { buckets, total: buckets.length, ...(unavailable.length > 0 && { unavailable }) };
  },
});

import type { BucketInfo, KvBucketUpdateInput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { BucketChanges } from '../runtime/core/ports/buckets.ts';
import { requireUsable } from '../runtime/core/state/own-options.ts';

export default defineFunction<KvBucketUpdateInput, BucketInfo>({
  async run({ bucket, ...changes }, ctx) {
    requireUsable(bucket, changes as BucketChanges);
    return await ctx.kv.updateBucket(ctx, bucket, changes as BucketChanges);
  },
});

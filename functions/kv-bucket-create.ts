import type { KvBucketCreateInput, KvBucketCreateOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { BucketOptions } from '../runtime/core/ports/buckets.ts';
import { withOwnOptions } from '../runtime/core/state/own-options.ts';

export default defineFunction<KvBucketCreateInput, KvBucketCreateOutput>({
  async run({ bucket, ...asked }, ctx) {
    const options = withOwnOptions(bucket, asked);
    const { created, info } = await ctx.kv.createBucket(ctx, bucket, options as BucketOptions);
    return { created, ...info };
  },
});

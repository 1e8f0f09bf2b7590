import { invalidField } from '../contract/errors.ts';
import type { KvBucketDeleteInput, KvBucketDeleteOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvBucketDeleteInput, KvBucketDeleteOutput>({
  async run({ bucket, confirm }, ctx) {
    if (confirm !== bucket) {
      throw invalidField('/confirm', `must repeat the bucket's name, "${bucket}", to delete it for good`);
    }
    await ctx.kv.deleteBucket(ctx, bucket);
    return { bucket, deleted: true };
  },
});

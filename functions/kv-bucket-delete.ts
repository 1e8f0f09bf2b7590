import { defineFunction } from '../runtime/core/define-function.ts';
import { invalidField } from '../runtime/core/errors.ts';
import type { KvBucketDeleteInput, KvBucketDeleteOutput } from '../runtime/core/generated/contract.ts';

export default defineFunction<KvBucketDeleteInput, KvBucketDeleteOutput>({
  async run({ bucket, confirm }, ctx) {
    if (confirm !== bucket) {
      throw invalidField('/confirm', `must repeat the bucket's name, "${bucket}", to delete it for good`);
    }
    await ctx.kv.deleteBucket(ctx, bucket);
    return { bucket, deleted: true };
  },
});

import type { BucketInfo, KvBucketInfoInput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvBucketInfoInput, BucketInfo>({
  run: ({ bucket }, ctx) => ctx.kv.bucketInfo(ctx, bucket),
});

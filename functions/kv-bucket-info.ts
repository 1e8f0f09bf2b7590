import { defineFunction } from '../runtime/core/define-function.ts';
import type { BucketInfo, KvBucketInfoInput } from '../runtime/core/generated/contract.ts';

export default defineFunction<KvBucketInfoInput, BucketInfo>({
  run: ({ bucket }, ctx) => ctx.kv.bucketInfo(ctx, bucket),
});

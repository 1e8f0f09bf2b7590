import type { BucketInfo, KvBucketUpdateInput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { BucketChanges } from '../runtime/core/ports.ts';

export default defineFunction<KvBucketUpdateInput, BucketInfo>({
  run: ({ bucket, ...changes }, ctx) => ctx.kv.updateBucket(ctx, bucket, changes as BucketChanges),
});

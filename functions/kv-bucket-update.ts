import type { BucketInfo, KvBucketUpdateInput } from '../contract/types.gen.ts';
import { bucketsRead } from '../runtime/core/bucket-options.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import type { BucketChanges } from '../runtime/core/ports.ts';

export default defineFunction<KvBucketUpdateInput, BucketInfo>({
  buckets: bucketsRead,
  run: ({ bucket, ...changes }, ctx) => ctx.kv.updateBucket(ctx, bucket, changes as BucketChanges),
});

import { defineFunction } from '../runtime/core/define-function.ts';
import type { KvBucketCreateInput, KvBucketCreateOutput } from '../runtime/core/generated/contract.ts';
import type { BucketOptions } from '../runtime/core/ports.ts';

export default defineFunction<KvBucketCreateInput, KvBucketCreateOutput>({
  /** Whoever makes a copy reads the original. */
  buckets: ({ bucket, mirror, sources = [] }) => {
    const origins = [...(mirror ? [mirror] : []), ...sources];
    return [bucket, ...origins.map(({ name }) => name.replace(/^KV_/, ''))];
  },
  async run({ bucket, ...options }, ctx) {
    const { created, info } = await ctx.kv.createBucket(ctx, bucket, options as BucketOptions);
    return { created, ...info };
  },
});

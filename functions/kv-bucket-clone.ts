import type { KvBucketCloneInput, KvBucketCloneOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvBucketCloneInput, KvBucketCloneOutput>({
  timeoutMs: 600_000,
  async run({ bucket, to }, ctx) {
    const { at, revision, messages, paused_ms } = await ctx.kv.copyBucket(ctx, { bucket, to });
    return { bucket, to, at, revision, messages, paused_ms };
  },
});

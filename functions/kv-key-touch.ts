import type { KvKeyTouchInput, KvKeyTouchOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvKeyTouchInput, KvKeyTouchOutput>({
  async run({ bucket, key, ttl, expected_revision }, ctx) {
    const { revision, expiresAt } = await ctx.kv.touch(ctx, {
      bucket,
      key,
      ...(ttl !== undefined && { ttl }),
      ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
    });
    return { bucket, key, revision, ...(expiresAt && { expires_at: expiresAt }) };
  },
});

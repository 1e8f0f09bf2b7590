import { invalidField } from '../contract/errors.ts';
import type { KvKeyIncrementInput, KvKeyIncrementOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvKeyIncrementInput, KvKeyIncrementOutput>({
  async run({ bucket, key, by = 1, initial = 0, min, max, ttl }, ctx) {
    if (min !== undefined && max !== undefined && min > max) {
      throw invalidField('/min', `is more than max (${max}), so that no step could ever be taken`);
    }
    const { value, revision, applied, expiresAt } = await ctx.kv.increment(ctx, {
      bucket,
      key,
      by,
      initial,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(ttl !== undefined && { ttl }),
    });
    return { bucket, key, value, revision, applied, ...(expiresAt && { reset_at: expiresAt }) };
  },
});

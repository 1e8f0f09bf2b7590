import { invalidField } from '../contract/errors.ts';
import type { KvKeyIncrementInput, KvKeyIncrementOutput } from '../contract/types.gen.ts';
import { countChange } from '../runtime/core/changes.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { makeChange } from '../runtime/core/make-change.ts';

export default defineFunction<KvKeyIncrementInput, KvKeyIncrementOutput>({
  async run(input, ctx) {
    const { bucket, key, by = 1, initial = 0, pointer, min, max, ttl } = input;
    if (min !== undefined && max !== undefined && min > max) {
      throw invalidField('/min', `is more than max (${max}), so that no step could ever be taken`);
    }
    const step = {
      by,
      initial,
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(ttl !== undefined && { ttl }),
    };
    if (pointer) {
      const change = countChange({ key, at: '' }, { ...step, pointer });
      const { result, revision, expires_at } = await makeChange(ctx, bucket, change, {
        '/operations/0/value': input.by === undefined ? null : '/by',
      });
      return { bucket, key, ...result, revision, ...(expires_at && { reset_at: expires_at }) };
    }
    const { value, revision, applied, expiresAt } = await ctx.kv.increment(ctx, { bucket, key, ...step });
    return { bucket, key, value, revision, applied, ...(expiresAt && { reset_at: expiresAt }) };
  },
});

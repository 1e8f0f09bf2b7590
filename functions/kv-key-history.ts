import type { KvKeyHistoryInput, KvKeyHistoryOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keyNotFound, toChange } from '../runtime/core/items.ts';

export default defineFunction<KvKeyHistoryInput, KvKeyHistoryOutput>({
  async run({ bucket, key }, ctx) {
    const kept = await ctx.kv.history(ctx, bucket, key);
    if (kept.length === 0) throw keyNotFound({ bucket, key });
    return { bucket, key, items: kept.map(toChange) };
  },
});

import type { KvKeyDeleteInput, KvKeyDeleteOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';

export default defineFunction<KvKeyDeleteInput, KvKeyDeleteOutput>({
  async run({ bucket, key, expected_revision }, ctx) {
    const revision = await ctx.kv.remove(ctx, {
      bucket,
      key,
      operation: 'delete',
      ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
    });
    return { bucket, key, deleted: revision !== undefined, ...(revision !== undefined && { revision }) };
  },
});

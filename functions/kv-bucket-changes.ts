import type { KvBucketChangesInput, KvBucketChangesOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf } from '../runtime/core/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import type { KvEvent } from '../runtime/core/ports/watches.ts';

export default defineFunction<KvBucketChangesInput, KvBucketChangesOutput>({
  async run({ bucket, filter = '>', limit = 100, before }, ctx) {
    const range = { bucket, filter, limit, ...(before !== undefined && { before }) };
    const page = await ctx.kv.newestChanges(ctx, range);
    return { changes: page.changes.map(toChange), next: page.before, has_more: page.hasMore };
  },
});

function toChange(change: KvEvent): KvBucketChangesOutput['changes'][number] {
  const { key, revision, by } = change;
  const at = { key, revision, ...(by && { by }) };
  return isEntry(change)
    ? {
        ...at,
        operation: 'put',
        ...(change.size !== undefined && { size: change.size }),
        ...detailsOf(change),
      }
    : { ...at, operation: change.operation, created_at: change.createdAt };
}

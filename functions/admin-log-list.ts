import { ADMIN_LOG_BUCKET } from '../contract/own-buckets.ts';
import type { AdminLogListInput, AdminLogListOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import type { KvNewestChanges } from '../runtime/core/ports/pages.ts';
import type { AdminEntry } from '../runtime/core/state/admin-log.ts';
import { ADMIN_ENTRIES, readAdminEntry } from '../runtime/core/state/admin-log.ts';
import { orEmpty } from '../runtime/core/state/or-empty.ts';

export default defineFunction<AdminLogListInput, AdminLogListOutput>({
  async run({ action, limit = 100, before }, ctx) {
    const filter = action === undefined ? ADMIN_ENTRIES : `log.${action}.*`;
    const range = { bucket: ADMIN_LOG_BUCKET, filter, limit, ...(before !== undefined && { before }) };
    const page = await orEmpty(ctx.kv).newestChanges(ctx, range);
    return { entries: await entriesOf(ctx, page), next: page.before, has_more: page.hasMore };
  },
});

async function entriesOf(ctx: FunctionContext, { changes }: KvNewestChanges) {
  const keys = changes.filter(isEntry).map(({ key }) => key);
  if (keys.length === 0) return [];
  const found = await orEmpty(ctx.kv).getMany(ctx, ADMIN_LOG_BUCKET, keys);
  return found.filter(isEntry).flatMap(entry => {
    const read = readAdminEntry(entry);
    return read ? [toEntry(read)] : [];
  });
}

function toEntry({ at, action, bucket, outcome, input, by, revision }: AdminEntry) {
  return { at, action, ...(bucket !== undefined && { bucket }), outcome, input, ...(by && { by }), revision };
}

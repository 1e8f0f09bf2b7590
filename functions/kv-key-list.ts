import type { KvKeyListInput, KvKeyListOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf } from '../runtime/core/items.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports/items.ts';
import type { KvNextPage } from '../runtime/core/ports/pages.ts';
import { readValue } from '../runtime/core/values.ts';

export default defineFunction<KvKeyListInput, KvKeyListOutput>({
  async run(
    { bucket, start_seq = 0, cursor, limit = 100, filter = '>', include_values = true, deleted = false },
    ctx,
  ) {
    const range = {
      bucket,
      startSeq: start_seq,
      limit,
      filter,
      namesUnreadable: true,
      ...(cursor !== undefined && { cursor }),
    };
    if (deleted) {
      const page = await ctx.kv.listDeleted(ctx, range);
      return { items: page.entries.map(toDeleted), ...nextOf(page) };
    }
    const page = await ctx.kv.listPage(ctx, { ...range, keysOnly: !include_values });
    return { items: page.entries.map(entry => toItem(entry, include_values)), ...nextOf(page) };
  },
});

function nextOf({ nextSeq, hasMore, cursor, unreadable }: KvNextPage) {
  return {
    next_seq: nextSeq,
    has_more: hasMore,
    ...(cursor !== undefined && { cursor }),
    ...(unreadable && { unreadable }),
  };
}

type Item = KvKeyListOutput['items'][number];

function toDeleted({ key, revision, createdAt, operation, by }: KvMarker & { key: string }): Item {
  return { key, sequence: revision, created_at: createdAt, operation, ...(by && { by }) };
}

function toItem(entry: KvEntry, includeValues: boolean): Item {
  return {
    key: entry.key,
    ...(includeValues && readValue(entry.value)),
    sequence: entry.revision,
    size: entry.size ?? entry.value.length,
    ...detailsOf(entry),
    ...(entry.by && { by: entry.by }),
    ...(entry.scheduled && { due_at: new Date(entry.scheduled.at).toISOString() }),
  };
}

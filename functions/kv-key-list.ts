import { defineFunction } from '../runtime/core/define-function.ts';
import type { KvKeyListInput, KvKeyListOutput } from '../runtime/core/generated/contract.ts';
import { timesOf } from '../runtime/core/items.ts';
import type { KvEntry } from '../runtime/core/ports.ts';
import { readValue } from '../runtime/core/values.ts';

export default defineFunction<KvKeyListInput, KvKeyListOutput>({
  async run({ bucket, start_seq = 0, limit = 100, filter = '>', include_values = true }, ctx) {
    const range = { bucket, startSeq: start_seq, limit, filter, keysOnly: !include_values };
    const { entries, hasMore } = await ctx.kv.listPage(ctx, range);
    return {
      items: entries.map(entry => toItem(entry, include_values)),
      next_seq: entries.at(-1)?.revision ?? start_seq,
      has_more: hasMore,
    };
  },
});

function toItem(entry: KvEntry, includeValues: boolean): KvKeyListOutput['items'][number] {
  return {
    key: entry.key,
    ...(includeValues && readValue(entry.value)),
    sequence: entry.revision,
    size: entry.size ?? entry.value.length,
    ...timesOf(entry),
  };
}

import type { KvKeyHistoryInput, KvKeyHistoryOutput } from '../contract/types.gen.ts';
import { answerBytesOf } from '../runtime/core/call.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keyNotFound, toChange } from '../runtime/core/items.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports.ts';
import { isEntry } from '../runtime/core/ports.ts';

export default defineFunction<KvKeyHistoryInput, KvKeyHistoryOutput>({
  async run({ bucket, key }, ctx) {
    const kept = await ctx.kv.history(ctx, bucket, key);
    if (kept.length === 0) throw keyNotFound({ bucket, key });
    const { items, left_out } = bounded(kept, answerBytesOf(ctx));
    return { bucket, key, items, ...(left_out.length > 0 && { left_out }) };
  },
});

/** All that is kept, the newest values first as far as they have room. */
function bounded(kept: (KvEntry | KvMarker)[], most: number) {
  let bytes = 0;
  const left_out: number[] = [];
  const items = kept.toReversed().map(change => {
    bytes += isEntry(change) ? (change.size ?? change.value.length) : 0;
    const isThere = !isEntry(change) || change.size === undefined;
    if (isThere && (bytes <= most || !isEntry(change))) return toChange(change);
    left_out.push(change.revision);
    const { value: _value, encoding: _encoding, size: _size, ...rest } = toChange(change);
    return rest;
  });
  return { items: items.toReversed(), left_out: left_out.toReversed() };
}

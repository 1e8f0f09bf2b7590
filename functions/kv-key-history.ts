import { PackError } from '../contract/errors.ts';
import type { KvKeyHistoryInput, KvKeyHistoryOutput } from '../contract/types.gen.ts';
import { answerBytesOf } from '../runtime/core/call.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keyNotFound, toChange } from '../runtime/core/items.ts';
import { oneOf } from '../runtime/core/one-of.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';

const LIMIT = 100;

export default defineFunction<KvKeyHistoryInput, KvKeyHistoryOutput>({
  async run({ bucket, key, filter, start_seq, limit }, ctx) {
    oneOf('kv-key-history', { key, filter }, { key: 'for one key', filter: 'for all that match' });
    if (key === undefined) return await pageOf(ctx, { bucket, filter, start_seq, limit });
    refusePaging({ start_seq, limit });
    const kept = await ctx.kv.history(ctx, bucket, key);
    if (kept.length === 0) throw keyNotFound({ bucket, key });
    const { items, left_out } = bounded(kept, answerBytesOf(ctx));
    return { bucket, key, items, ...(left_out.length > 0 && { left_out }) };
  },
});

async function pageOf(
  ctx: FunctionContext,
  asked: Omit<KvKeyHistoryInput, 'key'>,
): Promise<KvKeyHistoryOutput> {
  const { bucket, filter = '>', start_seq = 0, limit = LIMIT } = asked;
  const range = { bucket, filter, startSeq: start_seq, limit, namesUnreadable: true };
  const page = await ctx.kv.historyPage(ctx, range);
  return {
    bucket,
    items: page.entries.map(change => ({ key: change.key, ...toChange(change) })),
    next_seq: page.nextSeq,
    has_more: page.hasMore,
    ...(page.unreadable && { unreadable: page.unreadable }),
  };
}

/** A key has 64 revisions at most, which come at once. */
function refusePaging(asked: Pick<KvKeyHistoryInput, 'start_seq' | 'limit'>): void {
  const names = (['start_seq', 'limit'] as const).filter(name => asked[name] !== undefined);
  if (names.length === 0) return;
  const message = 'goes with filter; the history of one key comes at once';
  throw new PackError('INVALID_INPUT', `kv-key-history: ${names.join(', ')} ${message}`, {
    errors: names.map(name => ({ pointer: `/${name}`, message })),
  });
}

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

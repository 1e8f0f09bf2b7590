import type { KvKeyWatchInput, KvKeyWatchOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { toChange } from '../runtime/core/items.ts';
import type { KvEvent, KvPlace, KvWatch, KvWatchRange } from '../runtime/core/ports/watches.ts';
import { writeWatchId } from '../runtime/core/watch-id.ts';
import { watchRange } from '../runtime/core/watch-range.ts';

/** Left of the call's time when waiting ends, so that an answer without changes is still in time. */
const SLACK_MS = 500;
/** What is there already is waited for, whatever wait_ms says: it only has to come from the server. */
const BACKLOG_MS = 1_000;
/** How long a gap ends an answer that has room for more, once all is told that was there. */
const LINGER_MS = 20;
/** Who may not watch any more waits this long at most. */
const ADMITTED_MS = 500;

export default defineFunction<KvKeyWatchInput, KvKeyWatchOutput>({
  timeoutMs: 30_000,
  async run(input, ctx) {
    const { limit = 100, wait_ms = 5_000 } = input;
    const range = watchRange(input);
    const watch = await ctx.kv.watch(ctx, range);
    try {
      const before = watch.takeReset();
      const from = before?.after ?? beginning(watch, range);
      const left = Math.max(0, ctx.deadline - Date.now() - SLACK_MS);
      const changes = await collect(ctx, watch, { limit, waitMs: wait_ms, maxMs: left });
      const during = watch.takeReset();
      const reset = before ?? during;
      // What came before a reset is of a bucket that is no more.
      const last = during ? undefined : changes.at(-1);
      const hasMore = during !== undefined || watch.hasMore();
      // Of much that nobody wants the next call does not read again what this one has read.
      const passed = hasMore && !last && !reset ? passedSince(watch, from) : undefined;
      const next = last?.place?.after ?? last?.revision ?? reset?.after ?? passed?.after ?? from;
      const told = last ? last.place : (passed ?? watch.ended());
      return {
        events: (during ? [] : changes).map(change => toEvent(change, watch.bucketId())),
        ...(hasMore && { has_more: true as const }),
        next,
        next_id: writeWatchId({ ...told, after: next, bucketId: watch.bucketId() }),
        ...(reset && { reset: reset.reason }),
      };
    } finally {
      watch.close();
    }
  },
});

/** What to go on after when there is no change: never later than what was surely delivered. */
function beginning(watch: KvWatch, { start, after = Number.NaN }: KvWatchRange): number {
  const startedAt = watch.startedAt();
  // A revision still to come is of an earlier bucket of this name.
  if (after <= startedAt) return after;
  return start === 'new' ? startedAt : 0;
}

function passedSince(watch: KvWatch, from: number): KvPlace | undefined {
  const passed = watch.passed();
  return passed.after > from ? passed : undefined;
}

async function collect(
  ctx: FunctionContext,
  watch: KvWatch,
  { limit, waitMs, maxMs }: { limit: number; waitMs: number; maxMs: number },
): Promise<KvEvent[]> {
  const began = Date.now();
  const changes: KvEvent[] = [];
  do {
    changes.push(...(await watch.next(limit, Math.min(ADMITTED_MS, leftMs()))));
    ctx.readmit();
  } while (changes.length === 0 && leftMs() > 0 && !ctx.signal?.aborted);
  while (changes.length > 0 && changes.length < limit) {
    const gapMs = watch.hasMore() ? BACKLOG_MS : LINGER_MS;
    const more = await watch.next(limit - changes.length, Math.min(gapMs, began + maxMs - Date.now()));
    if (more.length === 0) break;
    changes.push(...more);
  }
  return changes;

  function leftMs(): number {
    const inAll = watch.hasMore() ? Math.max(waitMs, BACKLOG_MS) : waitMs;
    return Math.max(0, began + Math.min(inAll, maxMs) - Date.now());
  }
}

function toEvent(change: KvEvent, bucketId: string): KvKeyWatchOutput['events'][number] {
  const { key, place } = change;
  return { key, ...toChange(change), ...(place && { id: writeWatchId({ ...place, bucketId }) }) };
}

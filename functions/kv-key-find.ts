import type { KvKeyFindInput, KvKeyFindOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf } from '../runtime/core/items.ts';
import { keepMatching } from '../runtime/core/keep-matching.ts';
import { lookUntil } from '../runtime/core/look-time.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';

/** Keys that are read at once. */
const PAGE = 1_000;
/** A call answers what it has after this long, so that somebody who waits sees hits early, in milliseconds. */
const LOOK_MS = 1_000;
/** The first expression behind js: starts the sandbox. */
const TIMEOUT_MS = 60_000;

export default defineFunction<KvKeyFindInput, KvKeyFindOutput>({
  timeoutMs: TIMEOUT_MS,
  async run({ bucket, query, filter = '>', start_seq = 0, limit = 100 }, ctx) {
    const matcher = createKeyMatcher(query);
    const end = lookUntil(ctx, LOOK_MS);
    const items: KvKeyFindOutput['items'] = [];
    const unjudged: string[] = [];
    let scanned = 0;
    let startSeq = start_seq;
    let from: { cursor?: string } = {};
    for (;;) {
      const range = { bucket, filter, startSeq, limit: PAGE, keysOnly: !matcher.needsValues, ...from };
      const { entries, hasMore, nextSeq, cursor } = await ctx.kv.listPage(ctx, range);
      const now = await ctx.kv.now(ctx, bucket);
      const matching = await keepMatching(ctx, matcher, { entries, now });
      const [found, left] = [new Set(matching.found), new Set(matching.unjudged)];
      for (const entry of entries) {
        scanned += 1;
        startSeq = entry.revision;
        if (left.has(entry)) unjudged.push(entry.key);
        if (!found.has(entry)) continue;
        items.push(toItem(entry));
        if (items.length === limit) return answer(hasMore || entry !== entries.at(-1));
      }
      startSeq = nextSeq;
      from = cursor === undefined ? {} : { cursor };
      if (!hasMore || Date.now() >= end) return answer(hasMore);
    }

    function answer(has_more: boolean): KvKeyFindOutput {
      return { items, scanned, next_seq: startSeq, has_more, ...(unjudged.length > 0 && { unjudged }) };
    }
  },
});

function toItem(entry: KvEntry): KvKeyFindOutput['items'][number] {
  const { key, revision: sequence, size = entry.value.length } = entry;
  return { key, sequence, size, ...detailsOf(entry) };
}

import type { KvKeyTreeInput, KvKeyTreeOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { filterBelow } from '../runtime/core/key-filters.ts';
import type { Pointers } from '../runtime/core/pointing.ts';
import { pointing } from '../runtime/core/pointing.ts';
import type { KvNextPage } from '../runtime/core/ports/pages.ts';

/** Read at once: large enough to be fast, small enough to cost little memory. */
const CHUNK = 10_000;
/** The part of the call's time after which it answers what it has. */
const TIME_USED = 0.5;

export default defineFunction<KvKeyTreeInput, KvKeyTreeOutput>({
  async run(input, ctx) {
    const { bucket, prefix = '', delimiter = '.', filter = '>', start_seq = 0, limit = 10_000 } = input;
    const level = startLevel(prefix, delimiter);
    const answer = (scanned: number, { nextSeq, hasMore, cursor }: KvNextPage): KvKeyTreeOutput => ({
      prefix,
      children: level.children(),
      scanned,
      next_seq: nextSeq,
      has_more: hasMore,
      ...(cursor !== undefined && { cursor }),
    });
    const narrowed = filterBelow(filter, prefix);
    if (narrowed === undefined) {
      // There cannot be such a key; the bucket has to be there all the same.
      await ctx.kv.bucketInfo(ctx, bucket, { count: false });
      return answer(0, { nextSeq: start_seq, hasMore: false });
    }
    const pointers: Pointers = filter === '>' && prefix !== '' ? { '/filter': '/prefix' } : {};
    const until = Date.now() + (ctx.deadline - Date.now()) * TIME_USED;
    let cursor: { cursor?: string } = input.cursor === undefined ? {} : { cursor: input.cursor };
    for (let scanned = 0; ; ) {
      const range = {
        bucket,
        filter: narrowed,
        startSeq: start_seq,
        limit: Math.min(CHUNK, limit - scanned),
      };
      const page = await pointing(pointers, () =>
        ctx.kv.listPage(ctx, { ...range, ...cursor, keysOnly: true }),
      );
      for (const { key } of page.entries) level.add(key);
      scanned += page.entries.length;
      if (!page.hasMore || scanned >= limit || Date.now() >= until) return answer(scanned, page);
      cursor = page.cursor === undefined ? {} : { cursor: page.cursor };
    }
  },
});

type Child = KvKeyTreeOutput['children'][number];

/** One level: what comes next after the prefix, each once. */
function startLevel(prefix: string, delimiter: string) {
  const children = new Map<string, Child>();
  return { add, children: () => [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };

  function add(key: string): void {
    if (!key.startsWith(prefix)) return;
    const end = key.indexOf(delimiter, prefix.length);
    const name = key.slice(prefix.length, end < 0 ? undefined : end);
    const child = children.get(name) ?? { name, keys: 0 };
    if (end < 0) child.key = key;
    else {
      child.keys += 1;
      child.prefix ??= key.slice(0, end + delimiter.length);
    }
    children.set(name, child);
  }
}

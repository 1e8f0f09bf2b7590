import type { KvKeyRevertInput, KvKeyRevertOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keptAbout, keyNotFound } from '../runtime/core/items.ts';
import { pointing } from '../runtime/core/pointing.ts';
import { isEntry } from '../runtime/core/ports/items.ts';

export default defineFunction<KvKeyRevertInput, KvKeyRevertOutput>({
  async run(input, ctx) {
    const { bucket, key, revision } = input;
    const [old, current] = await Promise.all([
      ctx.kv.get(ctx, { bucket, key, revision }),
      currentRevision(input, ctx),
    ]);
    if (!isEntry(old)) throw keyNotFound(input, old);
    const expectedRevision = input.expected_revision ?? current;
    // Writing it again would add nothing but a revision, and would take away a ttl.
    if (current === revision && expectedRevision === current)
      return { bucket, key, revision, reverted_to: revision };
    const about = keptAbout(old);
    const written = await pointing({ '/value': '/revision' }, () =>
      ctx.kv.put(ctx, { bucket, key, value: old.value, ...about, expectedRevision }),
    );
    return { bucket, key, revision: written.revision, reverted_to: revision };
  },
});

/** 0 where there is no live item. */
async function currentRevision({ bucket, key }: KvKeyRevertInput, ctx: FunctionContext): Promise<number> {
  const found = await ctx.kv.get(ctx, { bucket, key });
  return isEntry(found) ? found.revision : 0;
}

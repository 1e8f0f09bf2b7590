import { PackError } from '../contract/errors.ts';
import type { KvBucketCompactInput, KvBucketCompactOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { pipelined } from '../runtime/core/pipeline.ts';

const PAGE = 1_000;
const IN_FLIGHT = 128;
const NS_PER_MS = 1_000_000;

export default defineFunction<KvBucketCompactInput, KvBucketCompactOutput>({
  timeoutMs: 600_000,
  async run({ bucket, filter = '>', older_than = 0, dry_run = false }, ctx) {
    const until = (await ctx.kv.now(ctx, bucket)) - older_than / NS_PER_MS;
    const count = { markers: 0, dropped: 0 };
    let from: { cursor?: string } = {};
    /** Told to watches that come back: nothing behind it may be dropped. */
    let noted: number | undefined;
    for (let more = true; more; ) {
      const range = { bucket, filter, startSeq: 0, limit: PAGE, ...from };
      const page = await ctx.kv.listDeleted(ctx, range);
      const old =
        older_than === 0
          ? page.entries
          : page.entries.filter(({ createdAt }) => Date.parse(createdAt) <= until);
      count.markers += old.length;
      if (old.length > 0 && !dry_run) noted ??= await ctx.kv.noteCompaction(ctx, { bucket });
      const dropped = old.filter(({ revision }) => revision <= (noted ?? 0));
      await pipelined(dry_run ? [] : dropped, IN_FLIGHT, async ({ key, revision }) => {
        if (Date.now() >= ctx.deadline) throw outOfTime(count);
        if (await ctx.kv.erase(ctx, { bucket, key, upTo: revision })) count.dropped += 1;
      });
      more = page.hasMore;
      if (more && Date.now() >= ctx.deadline) throw outOfTime(count);
      from = page.cursor === undefined ? {} : { cursor: page.cursor };
    }
    return { bucket, ...count, dry_run };
  },
});

/** Whoever runs out of time learns how far it went. */
function outOfTime(count: { markers: number; dropped: number }): PackError {
  const message = `Time ran out after ${count.dropped} markers were dropped; call again to go on with the rest.`;
  return new PackError('TIMEOUT', message, { details: { ...count } });
}

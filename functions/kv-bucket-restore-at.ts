import { PackError } from '../contract/errors.ts';
import type { KvBucketRestoreAtInput, KvBucketRestoreAtOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { lookUntil } from '../runtime/core/look-time.ts';
import type { ChangedKey, StateThen } from '../runtime/core/moments.ts';
import { changedKeys, isAlike, momentOf, sinceMade, stateAt } from '../runtime/core/moments.ts';
import { pipelined } from '../runtime/core/pipeline.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import { putAgain } from '../runtime/core/put-again.ts';

/** A call answers what it has done after this long, in milliseconds. */
const LOOK_MS = 10_000;
const PAGE = 200;
const IN_FLIGHT = 32;

type Item = KvBucketRestoreAtOutput['items'][number];

export default defineFunction<KvBucketRestoreAtInput, KvBucketRestoreAtOutput>({
  timeoutMs: 60_000,
  async run(input, ctx) {
    const { bucket, filter = '>', dry_run = false, limit = 1_000, start_seq = 0 } = input;
    const asked = momentOf(input, { at: '/at', revision: '/revision' });
    const [info, serverNow] = await Promise.all([
      ctx.kv.bucketInfo(ctx, bucket, { count: false }),
      ctx.kv.now(ctx, bucket),
    ]);
    const moment = sinceMade(asked, info);
    const until = input.until_revision ?? info.last_seq;
    const end = lookUntil(ctx, LOOK_MS);
    const clock = serverNow - Date.now();
    const hasEnds = info.key_ttl === true;
    const count = { put: 0, removed: 0, unchanged: 0, unknown: 0, conflicts: 0 };
    const items: Item[] = [];
    let after = start_seq;
    for (;;) {
      const range = { bucket, filter, since: moment, until: { revision: until }, history: info.history };
      const page = await changedKeys(ctx, range, { after, limit: Math.min(PAGE, limit - items.length) });
      const done: Item[] = [];
      await pipelined(page.keys, IN_FLIGHT, async (changed, index) => {
        const then = stateAt(changed.kept, moment, info.history);
        done[index] = await restore(ctx, { bucket, changed, then, until, clock, hasEnds, dry_run });
      });
      for (const { outcome } of done) count[outcome] += 1;
      items.push(...done.filter(({ outcome }) => outcome !== 'unchanged'));
      after = page.next;
      if (!page.hasMore || items.length >= limit || Date.now() >= end) {
        const going = page.hasMore ? { next_seq: after, until_revision: until } : {};
        return { bucket, ...count, items, dry_run, has_more: page.hasMore, ...going };
      }
    }
  },
});

interface Restoring {
  bucket: string;
  changed: ChangedKey;
  then: StateThen;
  /** What was written after this revision is newer than the restoring, and is kept. */
  until: number;
  /** The server's clock minus ours, in milliseconds. */
  clock: number;
  /** Whether items may have ends of their own; without, a restored one gets its bucket's. */
  hasEnds: boolean;
  dry_run: boolean;
}

async function restore(ctx: FunctionContext, restoring: Restoring): Promise<Item> {
  const { changed, then, until, clock, dry_run } = restoring;
  const now = Date.now() + clock;
  const { key, kept } = changed;
  if (then === 'unknown') return { key, outcome: 'unknown' };
  const newest = kept.at(-1);
  if (newest && newest.revision > until) return { key, outcome: 'conflicts' };
  const live = newest && isEntry(newest) && !isOver(newest, now) ? newest : undefined;
  const wanted = then && !isOver(then, now) ? then : undefined;
  if (wanted?.revision === live?.revision || (wanted && live && isAlike(wanted, live)))
    return { key, outcome: 'unchanged' };
  const item = { key, outcome: wanted ? ('put' as const) : ('removed' as const), ...fromOf(wanted) };
  if (dry_run) return item;
  try {
    return { ...item, revision: await write(ctx, restoring, { wanted, expected: live?.revision ?? 0 }) };
  } catch (error) {
    if (error instanceof PackError && error.code === 'REVISION_CONFLICT')
      return { key, outcome: 'conflicts' };
    throw error;
  }
}

async function write(
  ctx: FunctionContext,
  { bucket, changed: { key }, clock, hasEnds }: Restoring,
  { wanted, expected }: { wanted: KvEntry | undefined; expected: number },
): Promise<number> {
  if (!wanted) {
    const removal = { bucket, key, operation: 'delete' as const, expectedRevision: expected };
    return (await ctx.kv.remove(ctx, removal)) ?? expected;
  }
  const { expiresAt } = wanted;
  const ttl =
    expiresAt && hasEnds ? Math.max(1, (Date.parse(expiresAt) - Date.now() - clock) * 1e6) : undefined;
  return await putAgain(ctx, wanted, { bucket, key, ttl, expectedRevision: expected });
}

function fromOf(wanted: KvEntry | undefined): { from_sequence?: number } {
  return wanted ? { from_sequence: wanted.revision } : {};
}

/** What waited and was due has been put since. */
function isOver({ expiresAt, scheduled }: KvEntry, now: number): boolean {
  return (
    (expiresAt !== undefined && Date.parse(expiresAt) <= now) ||
    (scheduled !== undefined && scheduled.at <= now)
  );
}

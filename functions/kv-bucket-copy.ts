import { invalidField, PackError } from '../contract/errors.ts';
import type { KvBucketCopyInput, KvBucketCopyOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { failure } from '../runtime/core/envelope.ts';
import { aboutOf } from '../runtime/core/items.ts';
import { lookUntil } from '../runtime/core/look-time.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import { readPlace, writePlace } from '../runtime/core/place-cursor.ts';
import type { KvEntry, KvTransactPut } from '../runtime/core/ports.ts';
import { timeLeft } from '../runtime/core/time-left.ts';

const PAGE = 1_000;
/** A call answers what it has done after this long, in milliseconds. */
const LOOK_MS = 10_000;
const MOST_FAILED = 1_000;

/** Where a copy goes on: the listing of the bucket it is from, up to what was written when it began. */
interface Place {
  until: number;
  listing?: string;
}

export default defineFunction<KvBucketCopyInput, KvBucketCopyOutput>({
  timeoutMs: 60_000,
  async run(input, ctx) {
    const { bucket, to_bucket = bucket, filter = '>', dry_run = false, on_conflict = 'skip' } = input;
    const rename = renamingOf(input);
    const matcher = input.query === undefined ? undefined : createKeyMatcher(input.query);
    const [source, target] = await Promise.all([
      ctx.kv.bucketInfo(ctx, bucket, { count: false }),
      ctx.kv.bucketInfo(ctx, to_bucket, { count: false }),
    ]);
    const end = lookUntil(ctx, LOOK_MS);
    const place: Place =
      input.cursor === undefined ? { until: source.last_seq } : readPlace<Place>(input.cursor, isPlace);
    const count = { copied: 0, skipped: 0, failed: [] as KvBucketCopyOutput['failed'] };
    let { listing } = place;
    for (;;) {
      const range = { bucket, startSeq: 0, limit: PAGE, filter };
      const page = await ctx.kv.listPage(ctx, listing === undefined ? range : { ...range, cursor: listing });
      const now = await ctx.kv.now(ctx, bucket);
      const chosen = page.entries.filter(
        entry => entry.revision <= place.until && (matcher?.matches(entry, now) ?? true),
      );
      const puts = chosen.map(entry => ({
        ...putOf(entry, { source, target, now }),
        key: rename(entry.key),
        ...(on_conflict !== 'overwrite' && { expectedRevision: 0 }),
      }));
      await (dry_run ? foresee(ctx, to_bucket, puts) : write(ctx, to_bucket, puts));
      listing = page.cursor;
      const has_more = page.hasMore;
      if (has_more && Date.now() < end && count.failed.length < MOST_FAILED) continue;
      const cursor = listing === undefined ? {} : { cursor: writePlace({ ...place, listing }) };
      return { bucket, to_bucket, ...count, dry_run, has_more, ...(has_more && cursor) };
    }

    async function write(ctx: FunctionContext, bucket: string, puts: KvTransactPut[]): Promise<void> {
      const answers = await ctx.kv.putMany(ctx, bucket, puts);
      answers.forEach((answer, index) => {
        const key = puts[index]?.key ?? '';
        if (!(answer instanceof PackError)) count.copied += 1;
        else if (answer.code === 'REVISION_CONFLICT') settle(key, answer.details.current_revision);
        else count.failed.push({ key, error: failure(answer, true).error });
      });
    }

    async function foresee(ctx: FunctionContext, bucket: string, puts: KvTransactPut[]): Promise<void> {
      if (on_conflict === 'overwrite' || puts.length === 0) {
        count.copied += puts.length;
        return;
      }
      const there = new Set(await ctx.kv.keys(ctx, bucket, '>'));
      const maybe = puts.filter(({ key }) => there.has(key)).map(({ key }) => key);
      const found = maybe.length === 0 ? [] : await ctx.kv.getMany(ctx, bucket, maybe);
      const taken = found.filter(each => each && 'value' in each).length;
      count.skipped += taken;
      count.copied += puts.length - taken;
    }

    function settle(key: string, current: unknown): void {
      if (on_conflict === 'skip') {
        count.skipped += 1;
        return;
      }
      const message = `Key "${key}" exists already in bucket "${to_bucket}"; ${count.copied} items were copied. Copy with on_conflict skip or overwrite to go on.`;
      const details = { key, current_revision: current, copied: count.copied };
      throw new PackError('REVISION_CONFLICT', message, { details });
    }
  },
});

/** How keys are called where they go. Throws INVALID_INPUT where that is where they are. */
function renamingOf({ bucket, to_bucket = bucket, prefix = '', to_prefix = prefix }: KvBucketCopyInput) {
  if (to_bucket === bucket && prefix === to_prefix) {
    const message = `must be another bucket than "${bucket}", unless to_prefix gives the keys other names`;
    throw invalidField('/to_bucket', message);
  }
  return (key: string) => (key.startsWith(prefix) ? to_prefix + key.slice(prefix.length) : key);
}

/** The item as it is written, with what is left of its time. */
function putOf(entry: KvEntry, between: Parameters<typeof timeLeft>[1]): Omit<KvTransactPut, 'key'> {
  const ttl = timeLeft(entry, between);
  return { value: entry.value, ...aboutOf(entry), ...(ttl !== undefined && { ttl }) };
}

function isPlace({ until, listing }: Partial<Place>): boolean {
  return Number.isSafeInteger(until) && typeof listing === 'string';
}

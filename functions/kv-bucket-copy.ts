import { invalidField, PackError } from '../contract/errors.ts';
import type { KvBucketCopyInput, KvBucketCopyOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { failure, toPackError } from '../runtime/core/envelope.ts';
import { keptAbout } from '../runtime/core/items.ts';
import { notJudged } from '../runtime/core/keep-matching.ts';
import { takeItems } from '../runtime/core/live-items.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import { pipelined } from '../runtime/core/pipeline.ts';
import type { KvEntry } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';
import type { KvTransactPut } from '../runtime/core/ports/transactions.ts';
import { putAgain } from '../runtime/core/put-again.ts';
import { waitingKey, waitsFor } from '../runtime/core/scheduled.ts';
import { timeLeft } from '../runtime/core/time-left.ts';

const PAGE = 1_000;
const MAX_FAILED = 1_000;
const IN_FLIGHT = 64;

/** An item, and where it goes. */
interface Copy {
  entry: KvEntry;
  key: string;
  /** What is left of its time. */
  left: ReturnType<typeof timeLeft>;
}

export default defineFunction<KvBucketCopyInput, KvBucketCopyOutput>({
  timeoutMs: 60_000,
  async run(input, ctx) {
    const { bucket, to_bucket = bucket, prefix = '', to_prefix = prefix } = input;
    const { dry_run = false, on_conflict = 'skip' } = input;
    const rename = renamingOf(input);
    const matcher = input.query === undefined ? undefined : createKeyMatcher(input.query);
    const [source, target] = await Promise.all([
      ctx.kv.bucketInfo(ctx, bucket, { count: false }),
      ctx.kv.bucketInfo(ctx, to_bucket, { count: false }),
    ]);
    const count = { copied: 0, skipped: 0, failed: [] as KvBucketCopyOutput['failed'] };
    const { filter = '>', cursor } = input;
    const asked = { bucket, filter, matcher, cursor, page: PAGE, lastSeq: source.last_seq, isWritten };
    const left = await takeItems(ctx, asked, {
      take: async (entries, now) => {
        const copies = entries.filter(isChosen).map(entry => ({
          entry,
          key: rename(entry.key),
          left: timeLeft(entry, { source, target, now }),
        }));
        await (dry_run ? dryRun(copies) : write(copies));
      },
      leave: entries => {
        for (const entry of entries.filter(isChosen)) refuse(entry.key, notJudged(entry));
      },
      isEnough: () => count.failed.length >= MAX_FAILED,
    });
    return { bucket, to_bucket, ...count, dry_run, ...left };

    function isChosen({ key }: KvEntry): boolean {
      return (waitsFor(key) ?? key).startsWith(prefix);
    }

    function isWritten(key: string): boolean {
      return to_bucket === bucket && (waitsFor(key) ?? key).startsWith(to_prefix);
    }

    async function write(copies: Copy[]): Promise<void> {
      const puts = copies.filter(({ entry }) => !entry.scheduled).map(toPut);
      const answers = await ctx.kv.storeMany(ctx, to_bucket, puts);
      for (const [index, answer] of answers.entries()) {
        if (answer) refuse(puts[index]?.key ?? '', answer);
        else count.copied += 1;
      }
      // What waits goes on waiting: each is put by itself.
      const waiting = copies.filter(({ entry }) => entry.scheduled);
      await pipelined(waiting, IN_FLIGHT, async ({ entry, key }) => {
        if (await isTaken(key)) settle(key, undefined);
        else await attempt(key, () => putAgain(ctx, entry, { bucket: to_bucket, key }));
      });
    }

    async function dryRun(copies: Copy[]): Promise<void> {
      const most = target.max_value_size;
      await pipelined(copies, IN_FLIGHT, async ({ entry, key }) => {
        const size = entry.value.length;
        if (most > 0 && size > most) return refuse(key, tooLarge(key, size, most));
        await attempt(key, async () => {
          if (await isTaken(key)) throw new PackError('REVISION_CONFLICT', `Key "${key}" exists already.`);
        });
      });
    }

    /** Reads the key in any case: a key that cannot be one is told. */
    async function isTaken(key: string): Promise<boolean> {
      const found = await ctx.kv.get(ctx, { bucket: to_bucket, key });
      return isEntry(found) && on_conflict !== 'overwrite';
    }

    async function attempt(key: string, work: () => Promise<unknown>): Promise<void> {
      try {
        await work();
        count.copied += 1;
      } catch (error) {
        refuse(key, toPackError(error));
      }
    }

    function refuse(key: string, error: PackError): void {
      if (error.code === 'REVISION_CONFLICT') settle(key, error.details.current_revision);
      else count.failed.push({ key, error: failure(error, true).error });
    }

    function toPut({ entry, key, left }: Copy): KvTransactPut {
      return {
        key,
        value: entry.value,
        ...keptAbout(entry),
        ...left,
        ...(on_conflict !== 'overwrite' && { expectedRevision: 0 }),
      };
    }

    function settle(key: string, current: unknown): void {
      if (on_conflict === 'skip' || dry_run) {
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
  const rename = (key: string) => to_prefix + key.slice(prefix.length);
  // An item that waits is called by the key that it is for.
  return (key: string) => {
    const waited = waitsFor(key);
    return waited === undefined ? rename(key) : waitingKey(rename(waited));
  };
}

function tooLarge(key: string, size: number, most: number): PackError {
  const message = `The value of key "${key}" has ${size} bytes, and the bucket takes ${most}.`;
  return new PackError('VALUE_TOO_LARGE', message, { details: { max_value_size: most } });
}

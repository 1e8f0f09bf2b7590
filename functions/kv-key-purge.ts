import { invalidField, PackError } from '../contract/errors.ts';
import type { KvKeyPurgeInput, KvKeyPurgeOutput } from '../contract/types.gen.ts';
import type { FunctionContext } from '../runtime/core/define-function.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { keepMatching } from '../runtime/core/keep-matching.ts';
import type { KeyMatcher } from '../runtime/core/match-keys.ts';
import { createKeyMatcher } from '../runtime/core/match-keys.ts';
import { oneOf } from '../runtime/core/one-of.ts';
import { pipelined } from '../runtime/core/pipeline.ts';
import type { KvEntry, KvMarker } from '../runtime/core/ports/items.ts';
import { isEntry } from '../runtime/core/ports/items.ts';

const PAGE = 1_000;
/** Keys that are named as left alone. */
const MAX_NAMED = 1_000;
const IN_FLIGHT = 128;

export default defineFunction<KvKeyPurgeInput, KvKeyPurgeOutput>({
  timeoutMs: 600_000,
  async run({ bucket, key, filter, query, dry_run = false }, ctx) {
    const count: Purge['count'] = { matched: 0, purged: 0 };
    oneOf('kv-key-purge', { key, filter }, { key: 'for one item', filter: 'for all that match' });
    if (query !== undefined && filter === undefined)
      throw invalidField('/query', 'goes with filter; for every key that is found give filter: ">"');
    const matcher = query === undefined ? undefined : createKeyMatcher(query);
    if (key !== undefined) await purgeKey(ctx, { bucket, key, dry_run, count });
    else await purgeAll(ctx, { bucket, filter: filter ?? '>', matcher, dry_run, count });
    return { bucket, ...count, dry_run };
  },
});

interface Purge {
  bucket: string;
  dry_run: boolean;
  count: { matched: number; purged: number; unjudged?: string[] };
}

async function purgeKey(ctx: FunctionContext, { bucket, key, dry_run, count }: Purge & { key: string }) {
  const live = dry_run
    ? hasValues(await ctx.kv.get(ctx, { bucket, key }))
    : (await ctx.kv.remove(ctx, { bucket, key, operation: 'purge' })) !== undefined;
  count.matched = live ? 1 : 0;
  count.purged = live && !dry_run ? 1 : 0;
}

/** A delete keeps the values it ended in the history; a purge is there to remove them too. */
function hasValues(found: KvEntry | KvMarker | undefined): boolean {
  return isEntry(found) || found?.operation === 'delete';
}

async function purgeAll(
  ctx: FunctionContext,
  purge: Purge & { filter: string; matcher: KeyMatcher | undefined },
) {
  const { bucket, filter, matcher, dry_run, count } = purge;
  // What a search would find of a deleted key is no longer known.
  if (!dry_run && !matcher) await told(count, () => dropDeleted(ctx, purge));
  // Each key once: what is written after its purge stays.
  let cursor: { cursor?: string } = {};
  for (let more = true; more; ) {
    if (Date.now() >= ctx.deadline) await told(count, () => Promise.reject(outOfTime()));
    const range = { bucket, filter, startSeq: 0, limit: PAGE, keysOnly: !matcher?.needsValues, ...cursor };
    const page = await told(count, () => ctx.kv.listPage(ctx, range));
    const now = await told(count, () => ctx.kv.now(ctx, bucket));
    const { found, unjudged } = await told(count, () =>
      keepMatching(ctx, matcher, { entries: page.entries, now }),
    );
    leave(count, unjudged);
    count.matched += found.length;
    if (!dry_run) await told(count, () => removeAll(ctx, purge, found));
    cursor = page.cursor === undefined ? {} : { cursor: page.cursor };
    more = page.hasMore;
  }
}

/** What may be what is looked for and may not is never purged; of many the first are named. */
function leave(count: Purge['count'], unjudged: readonly KvEntry[]): void {
  if (unjudged.length === 0) return;
  count.unjudged = [...(count.unjudged ?? []), ...unjudged.map(({ key }) => key)].slice(0, MAX_NAMED);
}

/**
 * Keys that were deleted before have a history too, which nothing else would ever remove: it goes, with their markers. Those
 * of the keys that are purged now stay, for watchers and mirrors to hear of.
 */
async function dropDeleted(ctx: FunctionContext, { bucket, filter }: Purge & { filter: string }) {
  let from: { cursor?: string } = {};
  for (let more = true; more; ) {
    // Past the deadline pages are empty and never the last one.
    if (Date.now() >= ctx.deadline) throw outOfTime();
    const page = await ctx.kv.listDeleted(ctx, { bucket, filter, startSeq: 0, limit: PAGE, ...from });
    await pipelined(page.entries, IN_FLIGHT, async ({ key, revision }) => {
      if (Date.now() >= ctx.deadline) throw outOfTime();
      await ctx.kv.erase(ctx, { bucket, key, upTo: revision });
    });
    from = page.cursor === undefined ? {} : { cursor: page.cursor };
    more = page.hasMore;
  }
}

async function removeAll(ctx: FunctionContext, { bucket, count }: Purge, entries: KvEntry[]) {
  await pipelined(entries, IN_FLIGHT, async ({ key }) => {
    if (Date.now() >= ctx.deadline) throw outOfTime();
    const revision = await ctx.kv.remove(ctx, { bucket, key, operation: 'purge' });
    if (revision !== undefined) count.purged += 1;
  });
}

function outOfTime(): PackError {
  return new PackError('TIMEOUT', 'Time ran out.');
}

/** Whoever runs out of time learns how far it went. */
async function told<T>(count: Purge['count'], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackError) || (count.matched === 0 && error.code !== 'TIMEOUT')) throw error;
    const message =
      error.code === 'TIMEOUT'
        ? `Time ran out after ${count.purged} keys were purged; call again to go on with the rest.`
        : `${error.message} ${count.purged} keys were purged until then.`;
    throw new PackError(error.code, message, { details: { ...error.details, ...count }, cause: error });
  }
}

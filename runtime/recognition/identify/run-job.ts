import { setImmediate } from 'node:timers/promises';
import type { PackError } from '../../../contract/errors.ts';
import { reassign } from '../amend/reassign.ts';
import { recognizeEarlier, recognizeLate } from '../amend/recognize.ts';
import { toStore } from '../event/stored-event.ts';
import { evict } from '../remember/evict.ts';
import { remember } from '../remember/remember.ts';
import { rememberedEvents } from '../remember/remembered-events.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import { mergeMappings, readMappings } from '../visitor/mapping.ts';
import { isPartial } from './items.ts';
import type { Item, Job, JobContext } from './job.ts';
import { atWarehouse, fail, heldAlone, isHeld } from './job.ts';
import { answerEarlier, answerLate } from './without-destination.ts';

/**
 * Does a job, or what is left of it: each step may be repeated. The order makes that no event is missed, whatever
 * others do at the same time: an anonymous event is written before its visitor's mapping is read, and a mapping is
 * written before its visitor's events are listed.
 */
export async function runJob(ctx: JobContext, job: Job): Promise<void> {
  const anonymous = job.items.filter(({ what, failed }) => what.kind === 'anonymous' && !failed);
  const identified = job.items.filter(({ what, failed }) => what.kind === 'identified' && !failed);
  const partial = ctx.destination ? identified.filter(item => isPartial(item, ctx.settings)) : [];
  await remember(ctx, [...anonymous, ...partial]);
  await ctx.step('remember');
  const known = await readMappings(ctx, [...anonymous, ...identified].map(visitorOf));
  const { changed, repeated } = await workAndLoad(ctx, job, async () => {
    const merged = await mergeMappings(ctx, identified, known, job.at);
    await ctx.step('mapping');
    return merged;
  });
  const listing = new Map<string, Item>();
  const recover = new Set<string>();
  for (const item of identified) {
    const visitor = visitorOf(item);
    if (!changed.has(visitor) && !repeated.has(visitor) && !mayBeUnfinished(job, item, known)) continue;
    if (!changed.has(visitor) || job.redo) recover.add(visitor);
    listing.set(visitor, item);
  }
  const late = [...anonymous, ...partial].filter(item => !listing.has(visitorOf(item)));
  if (ctx.destination) {
    const disputed = job.redo ? known : new Map([...known].filter(([visitor]) => changed.has(visitor)));
    const reset = await reassign(ctx, disputed);
    const earlier = rememberedEvents(ctx, new Set([...listing.keys(), ...reset]));
    await recognizeLate(ctx, { items: late, redo: job.redo }, known);
    await recognizeEarlier(ctx, earlier, { recover, before: known });
    await followMappings(ctx);
    return;
  }
  await answerLate(ctx, late, known);
  await answerEarlier(ctx, listing, known);
}

/**
 * NATS and the warehouse work side by side: who a visitor is changes nothing in how an event is stored. The warehouse has its
 * statement before anything is worked out of mappings. Both come to their end, whatever fails; where both fail NATS's
 * failure is thrown, and the warehouse's is among its causes.
 */
async function workAndLoad<T>(ctx: JobContext, job: Job, work: () => Promise<T>): Promise<T> {
  const [loaded, worked] = await Promise.allSettled([load(ctx, job), setImmediate().then(work)]);
  if (worked.status === 'rejected') throw withCause(worked.reason, loaded);
  if (loaded.status === 'rejected') throw loaded.reason;
  if (ctx.destination) await ctx.step('load');
  return worked.value;
}

function withCause(error: unknown, other: PromiseSettledResult<unknown>): unknown {
  if (other.status === 'rejected' && error instanceof Error)
    error.cause =
      error.cause === undefined
        ? other.reason
        : new AggregateError([error.cause, other.reason], 'both failed');
  return error;
}

/**
 * Others may have named a visitor, earlier or otherwise, while rows were amended by what was known before: either they saw
 * what was written down of that, or their mapping is seen here, and the rows are looked at again.
 */
async function followMappings(ctx: JobContext): Promise<void> {
  while (ctx.amended.size > 0) {
    const amended = new Map(ctx.amended);
    ctx.amended.clear();
    const now = await readMappings(ctx, amended.keys());
    const moved = new Map([...now].filter(([visitor, { revision }]) => revision !== amended.get(visitor)));
    await reassign(ctx, moved);
    if (moved.size > 0)
      await recognizeEarlier(ctx, rememberedEvents(ctx, moved.keys()), { recover: new Set(), before: moved });
  }
}

/**
 * What is remembered of a visitor was amended by whoever changed the mapping; unless it was this very event, whose first
 * try may have ended before that.
 */
function mayBeUnfinished(job: Job, item: Item, known: ReadonlyMap<string, KnownMapping>): boolean {
  const mapping = known.get(visitorOf(item));
  return job.redo || mapping?.more === true;
}

function visitorOf({ visitor = '' }: Item): string {
  return visitor;
}

/** Stores the job's events as they came. What a warehouse refuses for good is forgotten too: nothing can be amended. */
async function load(ctx: JobContext, job: Job): Promise<void> {
  if (!ctx.settings.load || !ctx.destination) return;
  const items = job.items.filter(item => !item.failed);
  const target = { table: ctx.settings.table, primaryKeyFields: ctx.settings.primaryKeyFields };
  const events = items.map(item => ({
    event: toStore(item.event, ctx.settings),
    version: versionOf(ctx, item, job.at),
  }));
  if (events.length === 0) return;
  const loading = atWarehouse(ctx, (destination, call) => destination.load(call, target, events));
  const faults = await heldAlone(events.length, loading, error => error);
  const refused = items.filter((item, index) => refuse(ctx, item, faults?.[index]));
  ctx.outcome.loaded += items.length - refused.length;
  // What is finished later is needed then.
  const gone = refused.filter(item => !ctx.postponed.has(item.visitor ?? item));
  const remembered = gone.flatMap(({ visitor, token, revision }) =>
    visitor !== undefined && revision !== undefined
      ? [{ key: `${visitor}.${token}`, revision, isNoted: true }]
      : [],
  );
  evict(ctx, remembered);
}

function versionOf({ versions }: JobContext, { revision }: Item, at: number): bigint {
  return revision === undefined ? versions.now(at) : versions.load(revision);
}

function refuse(ctx: JobContext, item: Item, error: PackError | undefined): boolean {
  if (!error) return false;
  if (isHeld(error)) {
    ctx.postponed.set(item.visitor ?? item, error);
    item.failed = true;
    return true;
  }
  fail(ctx, item, error);
  return true;
}

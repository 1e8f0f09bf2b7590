/** One call of identify, from its events to what became of them. */

import { setImmediate } from 'node:timers/promises';
import { PackError } from '../../contract/errors.ts';
import { AUDIT_BUCKET, PENDING_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from '../core/call.ts';
import type { Destination } from '../core/destinations.ts';
import { answerEarlier, answerLate } from './amended/answer.ts';
import { reassign } from './amended/restore.ts';
import { bury } from './dead-letters/bury.ts';
import { keepKeys } from './dead-letters/refused.ts';
import type { CallParts, Item, Job, JobContext, Outcome } from './job.ts';
import { atWarehouse, fail, heldAlone, isAway, isHeld, noOutcome, toWarehouse, versionsOf } from './job.ts';
import type { KnownMapping } from './mapping.ts';
import { mergeMappings, readMappings } from './mapping.ts';
import type { Chunk, PendingCall } from './pending.ts';
import { bySize, newCallId, settle, settleBut, writeAhead } from './pending.ts';
import { recognizeEarlier, recognizeLate } from './recognize.ts';
import { remember, rememberedEvents, tooLarge } from './remember.ts';
import type { ReadSettings } from './settings.ts';
import { createFitting } from './state.ts';
import { toStore } from './who/identity.ts';
import { cutAtContradictions, isPartial, namesAll, ownEvents } from './who/items.ts';

/** What a call came to; `pending` where the warehouse is out of reach. */
export interface CallOutcome extends Outcome {
  pending?: { events: number; error: PackError };
}

/** Mappings by visitor. */
type Known = Map<string, KnownMapping>;

/** What a call is to do. */
export interface CallWork {
  settings: ReadSettings;
  items: Item[];
  /** When it began, in milliseconds since 1970. */
  at: number;
  destination: Destination | undefined;
  mostAnswered: number;
}

/** Does everything, or leaves it written down where the warehouse is out of reach. */
export async function runCall(
  parts: CallParts,
  call: Call,
  { items, at, ...about }: CallWork,
): Promise<CallOutcome> {
  const { settings, destination } = about;
  // Where the call is made once more, what failed the first time is done, and told, like all else.
  for (const item of items) delete item.failed;
  const ctx = await openJob(parts, call, about);
  if (!destination) {
    for (const segment of cutAtContradictions(items))
      await runJob({ ...ctx, own: ownEvents(segment) }, { items: segment, at, redo: false });
    return ctx.outcome;
  }
  const { home } = destination;
  const pending = { kv: parts.kv, call, settings: settings.job, home, id: newCallId(), at };
  const groups = bySize(items);
  const known = groups.length === 1 ? readAhead(ctx, items) : undefined;
  const chunks = await writeAhead(pending, groups, (item, error) => {
    if (error instanceof PackError) fail(ctx, item, tooLarge(error));
  });
  for (const { key } of chunks) parts.running.add(key);
  try {
    await ctx.step('write-ahead');
    return await runChunks(parts, ctx, pending, { chunks, known });
  } finally {
    for (const { key } of chunks) parts.running.delete(key);
  }
}

/** What the steps of a job share; makes the buckets where they are missing. */
export async function openJob(
  { kv, buckets, stats, step, evictions }: CallParts,
  call: Call,
  { settings, destination, mostAnswered }: Omit<CallWork, 'items' | 'at'>,
): Promise<JobContext> {
  const [createdAt] = await Promise.all([
    buckets.ready(call, settings.bucket),
    ...(destination ? [buckets.ready(call, PENDING_BUCKET), buckets.ready(call, AUDIT_BUCKET)] : []),
  ]);
  return {
    call,
    warehouseCall: toWarehouse(call),
    kv,
    fitting: createFitting(() => buckets.mend(call, settings.bucket)),
    settings,
    destination,
    versions: versionsOf(createdAt),
    evictions,
    stats: stats.of(settings.destination),
    outcome: noOutcome(),
    mostAnswered,
    own: ownEvents([]),
    amended: new Map(),
    postponed: new Map(),
    step: name => step?.(name),
  };
}

/** Mappings of visitors whom a call names, while it is written down: one that another changes meanwhile is found to be another where it is written. */
function readAhead(ctx: JobContext, items: readonly Item[]): Promise<Known> {
  const read = readMappings(ctx, items.filter(({ what }) => what.kind === 'identified').map(visitorOf));
  // Whoever needs them is told.
  read.catch(() => undefined);
  return read;
}

/** In order; where the warehouse is out of reach, what is left stays written down. */
async function runChunks(
  parts: CallParts,
  ctx: JobContext,
  pending: PendingCall,
  { chunks, known }: { chunks: readonly Chunk[]; known: Promise<Known> | undefined },
): Promise<CallOutcome> {
  const { at, id } = pending;
  let told = 0;
  let later = 0;
  for (const [index, chunk] of chunks.entries()) {
    const { key, items } = chunk;
    try {
      await runJob(
        { ...ctx, own: ownEvents(items) },
        { items, at, redo: false },
        index === 0 ? known : undefined,
      );
    } catch (error) {
      const rest = chunks.slice(index);
      // What is set back, where a login of before came late, is held.
      if (isAway(error) || isHeld(error))
        return { ...ctx.outcome, pending: { events: count(rest) + later, error } };
      // Wrong for good: the caller is told so and has the events.
      if (error instanceof PackError && error.code === 'WAREHOUSE_ERROR') await forget(ctx, rest);
      throw error;
    }
    await bury({ ...parts, settings: ctx.settings, at, by: id }, ctx.call, ctx.outcome.failed.slice(told));
    told = ctx.outcome.failed.length;
    const held = heldItems(ctx, items);
    later += held.length;
    if (held.length > 0) await settleBut(pending, key, held);
    else await forget(ctx, [chunk]);
  }
  const [error] = ctx.postponed.values();
  return error ? { ...ctx.outcome, pending: { events: later, error } } : ctx.outcome;
}

/** Events of a job that are finished later: those of visitors of whom a row is held. */
export function heldItems({ postponed }: JobContext, items: readonly Item[]): Item[] {
  return items.filter(item => postponed.has(item.visitor ?? item) || postponed.has(item));
}

/** An entry that stays by mistake is done once more, which does no harm. */
async function forget({ kv, call }: JobContext, chunks: readonly Chunk[]): Promise<void> {
  for (const chunk of chunks) await settle(kv, call, chunk).catch(() => undefined);
}

function count(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { items }) => sum + items.filter(({ failed }) => !failed).length, 0);
}

/**
 * Does a job, or what is left of it: each step may be repeated. The order makes that no event is missed, whatever
 * others do at the same time: an anonymous event is written before its visitor's mapping is read, and a mapping is
 * written before its visitor's events are listed. `ahead`: the mappings of those it names, where they are being read already.
 */
export async function runJob(ctx: JobContext, job: Job, ahead?: Promise<Known>): Promise<void> {
  const anonymous = job.items.filter(({ what, failed }) => what.kind === 'anonymous' && !failed);
  const identified = job.items.filter(({ what, failed }) => what.kind === 'identified' && !failed);
  const partial = ctx.destination ? identified.filter(item => isPartial(item, ctx.settings)) : [];
  await remember(ctx, [...anonymous, ...partial]);
  await ctx.step('remember');
  const { known, changed, repeated } = await workAndLoad(ctx, job, async () => {
    const known = await (ahead ??
      readMappings(ctx, [...identified, ...(ctx.destination ? [] : anonymous)].map(visitorOf)));
    const merged = await mergeMappings(ctx, identified, known, job.at);
    await ctx.step('mapping');
    return { known, ...merged };
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
    await readAgain(ctx, late.map(visitorOf), known);
    const disputed = job.redo ? known : new Map([...known].filter(([visitor]) => changed.has(visitor)));
    const reset = await reassign(ctx, disputed, recover);
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
 * Only once a row is there does its visitor's mapping count: who named the visitor before may have found the key alone, of another
 * version of the event that was refused meanwhile, and made no row of it.
 */
async function readAgain(ctx: JobContext, visitors: readonly string[], known: Map<string, KnownMapping>) {
  const now = await readMappings(ctx, visitors, known);
  for (const visitor of visitors) known.delete(visitor);
  for (const [visitor, mapping] of now) known.set(visitor, mapping);
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

/** Stores the job's events as they came. Of what a warehouse refuses for good only the key stays remembered. */
async function load(ctx: JobContext, job: Job): Promise<void> {
  if (!ctx.settings.load || !ctx.destination) return;
  const items = job.items.filter(item => !item.failed);
  const target = { table: ctx.settings.table, primaryKeyFields: ctx.settings.primaryKeyFields };
  const events = items.map(item => ({
    event: namesAll(item, ctx.settings) ? item.event : toStore(item.event, ctx.settings),
    version: versionOf(ctx, item, job.at),
  }));
  if (events.length === 0) return;
  const loading = atWarehouse(ctx, (destination, call) => destination.load(call, target, events));
  const faults = await heldAlone(events.length, loading, error => error);
  const refused = items.filter((item, index) => refuse(ctx, item, faults?.[index]));
  ctx.outcome.loaded += items.length - refused.length;
  // What is finished later is needed then.
  await keepKeys(
    ctx,
    refused.filter(item => !ctx.postponed.has(item.visitor ?? item)),
  );
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

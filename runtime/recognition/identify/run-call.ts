import { AUDIT_BUCKET, PENDING_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import { createFitting } from '../state/fitting.ts';
/** One call of identify, from its events to what became of them. */

import { PackError } from '../../../contract/errors.ts';
import type { Destination } from '../../core/destinations.ts';
import { versionsOf } from '../amend/version.ts';
import { bury } from '../dead/bury.ts';
import type { Parts } from '../parts.ts';
import type { Evictions } from '../remember/evictions.ts';
import { tooLarge } from '../remember/remember.ts';
import type { ReadSettings } from '../settings.ts';
import { jobSettings } from '../settings.ts';
import type { StateBuckets } from '../state/buckets.ts';
import { cutAtContradictions, ownEvents } from './items.ts';
import type { Failed, Item, JobContext, Outcome } from './job.ts';
import { fail, isAway, isHeld, noOutcome, toWarehouse } from './job.ts';
import type { Chunk, PendingCall } from './pending.ts';
import { newCallId, settle, settleBut, writeAhead } from './pending.ts';
import { runJob } from './run-job.ts';

/** What a call came to; `pending` where the warehouse is out of reach. */
export interface CallOutcome extends Outcome {
  pending?: { events: number; error: PackError };
}

/** What a call works with. */
export interface CallParts extends Parts {
  buckets: StateBuckets;
  evictions: Evictions;
  /** Keys of entries that this process works on: its own reconciler leaves them alone. */
  running: Set<string>;
}

/** Does everything, or leaves it written down where the warehouse is out of reach. */
export async function runCall(
  parts: CallParts,
  call: Call,
  {
    items,
    at,
    ...about
  }: {
    settings: ReadSettings;
    items: Item[];
    at: number;
    destination: Destination | undefined;
    mostAnswered: number;
  },
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
  const pending = { kv: parts.kv, call, settings: jobSettings(settings), id: newCallId(), at };
  const chunks = await writeAll(ctx, pending, items);
  for (const { key } of chunks) parts.running.add(key);
  try {
    await ctx.step('write-ahead');
    return await runChunks(ctx, chunks, {
      at,
      bury: failed => bury({ ...parts, settings, at, by: pending.id }, call, failed),
      settleBut: (key, items) => settleBut(pending, key, items),
    });
  } finally {
    for (const { key } of chunks) parts.running.delete(key);
  }
}

/** What the steps of a job share; makes the buckets where they are missing. */
export async function openJob(
  { kv, buckets, stats, step, evictions }: CallParts,
  call: Call,
  {
    settings,
    destination,
    mostAnswered,
  }: { settings: ReadSettings; destination: Destination | undefined; mostAnswered: number },
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
    own: new Map(),
    amended: new Map(),
    postponed: new Map(),
    step: name => step?.(name),
  };
}

async function writeAll(ctx: JobContext, pending: PendingCall, items: Item[]): Promise<Chunk[]> {
  return await writeAhead(pending, items, (item, error) => {
    if (error instanceof PackError) fail(ctx, item, tooLarge(error));
  });
}

/** In order; where the warehouse is out of reach, what is left stays written down. */
async function runChunks(
  ctx: JobContext,
  chunks: readonly Chunk[],
  {
    at,
    bury,
    settleBut,
  }: {
    at: number;
    bury(failed: readonly Failed[]): Promise<unknown>;
    settleBut(key: string, items: readonly Item[]): Promise<void>;
  },
): Promise<CallOutcome> {
  let told = 0;
  let later = 0;
  for (const [index, chunk] of chunks.entries()) {
    const { key, items } = chunk;
    try {
      await runJob({ ...ctx, own: ownEvents(items) }, { items, at, redo: false });
    } catch (error) {
      const rest = chunks.slice(index);
      // What is set back, where a login of before came late, is held.
      if (isAway(error) || isHeld(error))
        return { ...ctx.outcome, pending: { events: count(rest) + later, error } };
      // Wrong for good: the caller is told so and has the events.
      if (error instanceof PackError && error.code === 'WAREHOUSE_ERROR') await forget(ctx, rest);
      throw error;
    }
    await bury(ctx.outcome.failed.slice(told));
    told = ctx.outcome.failed.length;
    const held = heldItems(ctx, items);
    later += held.length;
    if (held.length > 0) await settleBut(key, held);
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

import type { PackError } from '../../../contract/errors.ts';
import { toStore } from '../event/stored-event.ts';
import { evict } from '../remember/evict.ts';
import type { Item, Job, JobContext } from './job.ts';
import { atWarehouse, fail, heldAlone, isHeld } from './job.ts';

/** Stores the job's events as they came. What a warehouse refuses for good is forgotten too: nothing can be amended. */
export async function load(ctx: JobContext, job: Job): Promise<void> {
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

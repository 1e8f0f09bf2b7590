import { pipelined } from '../pipeline.ts';
import type { AmendOptions, KnownEvent } from './amend.ts';
import { amendEvents } from './amend.ts';
import type { KeyOnly } from './event-key.ts';
import { fromEventKey } from './event-key.ts';
import { evict } from './evict.ts';
import type { Job, JobContext } from './job.ts';
import type { KnownMapping } from './mapping.ts';
import { markDone, readMappings } from './mapping.ts';
import { createProgress } from './progress.ts';
import type { Listed } from './remember.ts';
import type { Place } from './remembered-events.ts';
import { readEvents, rememberedEvents } from './remembered-events.ts';
import { MOST_ANSWERED } from './tell.ts';

/** Amends a job's own anonymous events, those of visitors that were known when they arrived. */
export async function recognizeLate(
  ctx: JobContext,
  { items, redo }: Pick<Job, 'items' | 'redo'>,
  known: ReadonlyMap<string, KnownMapping>,
): Promise<void> {
  const byKey = new Map<string, KnownEvent>();
  for (const { visitor = '', token, revision, event, failed } of items) {
    const mapping = known.get(visitor);
    if (failed || !mapping?.identity.length || revision === undefined) continue;
    const { table, primaryKeyFields } = ctx.settings;
    const remembered = { table, primary_key_fields: primaryKeyFields, event };
    byKey.set(`${visitor}.${token}`, { visitor, token, revision, remembered, mapping });
  }
  const late = [...byKey.values()];
  ctx.stats.late += late.length;
  // One by one: others of the visitor may still wait for whoever named them.
  const recover = new Set(redo ? late.map(({ visitor }) => visitor) : []);
  evict(ctx, (await amendEvents(ctx, late, { recover })).done);
}

/** Batches under way at once: while the warehouse works on one, another is read and written down. */
const LANES = 2;

/** Amends all that is remembered of visitors, over all of them together, a batch at a time. */
export async function recognizeEarlier(
  ctx: JobContext,
  visitors: Iterable<string>,
  options: AmendOptions & { before: ReadonlyMap<string, KnownMapping> },
): Promise<void> {
  const source = rememberedEvents(ctx, visitors);
  const progress = createProgress(options.before);
  const room = roomFor(ctx);
  await pipelined(Array.from({ length: LANES }), LANES, async () => {
    for (let batch = await source.next(); batch.length > 0; batch = await source.next()) {
      const { events, done } = await recognizeBatch(ctx, batch, { ...options, room });
      progress.add(events, done);
      evict(ctx, done);
    }
  });
  await markDone(ctx, progress.finished());
  await ctx.step('evict');
}

/** Room of the answer, which each batch is promised a part of before it is known what comes of it. */
interface Room {
  take(most: number): number;
  /** The batch is answered: what it took counts there now, and what it left others may have. */
  giveBack(taken: number): void;
}

function roomFor({ outcome }: JobContext): Room {
  let promised = 0;
  return {
    take: most => {
      const taken = Math.max(0, Math.min(most, MOST_ANSWERED - outcome.answered - promised));
      promised += taken;
      return taken;
    },
    giveBack: taken => {
      promised -= taken;
    },
  };
}

/**
 * The mapping is read after the events were listed: whoever changed it in between may have listed before one of them
 * was written, and whoever writes one reads the mapping afterwards. So one of the two always sees the other.
 */
async function recognizeBatch(ctx: JobContext, places: Place[], options: AmendOptions & { room: Room }) {
  const visitors = places.map(({ visitor }) => visitor);
  const known = await readMappings(ctx, visitors);
  const open = places.filter(({ visitor }) => known.get(visitor)?.identity.length);
  const promised = options.room.take(open.length);
  const { events, rest } = byKeyAlone(ctx, open, { known, room: promised });
  events.push(...withMappings(await readEvents(ctx, rest), known));
  await ctx.step('list');
  const { done, toRead } = await amendEvents(ctx, events, options);
  options.room.giveBack(promised);
  if (toRead.length === 0) return { events, done };
  const wanted = toRead.map(({ visitor, token }) => ({ visitor, token, key: `${visitor}.${token}` }));
  const whole = withMappings(await readEvents(ctx, wanted), known);
  return { events, done: [...done, ...(await amendEvents(ctx, whole, options)).done] };
}

/**
 * Most rows are there already: their key is all that amending them takes, and the key of an event says it. The events
 * themselves are read as long as the answer has room for them, and where a revision decides.
 */
function byKeyAlone(
  ctx: JobContext,
  places: Place[],
  { known, room: promised }: { known: ReadonlyMap<string, KnownMapping>; room: number },
) {
  const events: KnownEvent[] = [];
  const rest: Place[] = [];
  let room = promised;
  for (const place of places) {
    const mapping = known.get(place.visitor);
    const said = room-- > 0 || mapping?.done ? undefined : fromEventKey(place.token, ctx.settings);
    if (!said || !mapping) rest.push(place);
    else events.push({ ...place, ...toKnown(said, ctx, mapping) });
  }
  return { events, rest };
}

/** As old as the mapping: what is younger its own call has amended, or will. */
function toKnown({ table, event }: KeyOnly, { settings }: JobContext, mapping: KnownMapping) {
  const remembered = { table, primary_key_fields: settings.primaryKeyFields, event };
  return { remembered, revision: mapping.revision, mapping, keyOnly: true } as const;
}

function withMappings(listed: Listed[], known: ReadonlyMap<string, KnownMapping>): KnownEvent[] {
  return listed.flatMap(event => {
    const mapping = known.get(event.visitor);
    return mapping && event.revision > (mapping.done ?? 0) ? [{ ...event, mapping }] : [];
  });
}

import { pipelined } from '../core/pipeline.ts';
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
import type { Place, RememberedEvents } from './remembered-events.ts';
import { readEvents } from './remembered-events.ts';

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
const LANES = 3;

/** Amends all that is remembered of visitors, over all of them together, a batch at a time. */
export async function recognizeEarlier(
  ctx: JobContext,
  source: RememberedEvents,
  options: AmendOptions & { before: ReadonlyMap<string, KnownMapping> },
): Promise<void> {
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

function roomFor({ outcome, mostAnswered }: JobContext): Room {
  let promised = 0;
  return {
    take: most => {
      const taken = Math.max(0, Math.min(most, mostAnswered - outcome.answered - promised));
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
  const { events, rest } = byKeyAlone(ctx, open, { known, recover: options.recover });
  const promised = options.room.take(events.length);
  const answered = promised > 0 ? readAside(ctx, events.slice(0, promised)) : undefined;
  events.push(...withMappings(await readEvents(ctx, rest), known));
  await ctx.step('list');
  const { done, toRead } = await amendEvents(ctx, events, { ...options, answered });
  options.room.giveBack(promised);
  if (toRead.length === 0) return { events, done };
  const whole = withMappings(await readEvents(ctx, toRead.map(placeOf)), known);
  return { events, done: [...done, ...(await amendEvents(ctx, whole, options)).done] };
}

function placeOf({ visitor, token }: KnownEvent): Place {
  return { visitor, token, key: `${visitor}.${token}` };
}

/** The events that the answer has room for, by their keys: read while the warehouse amends their rows. */
function readAside(ctx: JobContext, events: readonly KnownEvent[]): AmendOptions['answered'] {
  const read = readEvents(ctx, events.map(placeOf)).then(
    listed => new Map(listed.map(one => [`${one.visitor}.${one.token}`, one])),
  );
  // Who waits for it is told.
  read.catch(() => undefined);
  return read;
}

/**
 * Most rows are there already: their key is all that amending them takes, and the key of an event says it. The events
 * themselves are read where it does not, and where a revision decides: where done is what is older than that, and where
 * a job is done again, which may have remembered its own events after it wrote the mapping.
 */
function byKeyAlone(
  ctx: JobContext,
  places: Place[],
  { known, recover }: { known: ReadonlyMap<string, KnownMapping>; recover: ReadonlySet<string> },
) {
  const events: KnownEvent[] = [];
  const rest: Place[] = [];
  for (const place of places) {
    const mapping = known.get(place.visitor);
    const isPlain = !mapping?.done && !recover.has(place.visitor);
    const said = isPlain ? fromEventKey(place.token, ctx.settings) : undefined;
    if (!said || !mapping) rest.push(place);
    else events.push(toKnown(place, said, { ctx, mapping }));
  }
  return { events, rest };
}

/** As old as the mapping: what is younger its own call has amended, or will. */
function toKnown(
  { visitor, token }: Place,
  { table, event }: KeyOnly,
  { ctx, mapping }: { ctx: JobContext; mapping: KnownMapping },
): KnownEvent {
  const remembered = { table, primary_key_fields: ctx.settings.primaryKeyFields, event };
  return { visitor, token, revision: mapping.revision, remembered, mapping, keyOnly: true };
}

function withMappings(listed: Listed[], known: ReadonlyMap<string, KnownMapping>): KnownEvent[] {
  return listed.flatMap(event => {
    const mapping = known.get(event.visitor);
    return mapping && event.revision > (mapping.done ?? 0) ? [{ ...event, mapping }] : [];
  });
}

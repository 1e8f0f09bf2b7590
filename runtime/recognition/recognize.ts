import { pipelined } from '../core/pipeline.ts';
import type { AmendOptions } from './amend.ts';
import { amendEvents } from './amend.ts';
import type { Placed } from './amended/changes.ts';
import { recoverOthers } from './amended/changes.ts';
import { evict } from './amended/evictions.ts';
import type { Job, JobContext } from './job.ts';
import type { KeyOnly } from './keys.ts';
import { fromEventKey } from './keys.ts';
import type { KnownMapping } from './mapping.ts';
import { markDone, readMappings } from './mapping.ts';
import type { Place, RememberedEvents } from './remember.ts';
import { readEvents } from './remember.ts';
import { covers } from './who/identity.ts';
import { ownOf } from './who/items.ts';
import type { KnownEvent, Owner } from './who/owner.ts';
import { lastOwner, ownerAt, ownersOf, timeOf, withMappings, withOwner } from './who/owner.ts';

/** Amends a job's own anonymous events, those of visitors that were known when they arrived. */
export async function recognizeLate(
  ctx: JobContext,
  { items, redo }: Pick<Job, 'items' | 'redo'>,
  known: ReadonlyMap<string, KnownMapping>,
): Promise<void> {
  const byKey = new Map<string, KnownEvent>();
  const all = new Map<string, Placed>();
  for (const { visitor = '', token, revision, event, failed, time, what } of items) {
    const mapping = known.get(visitor);
    if (failed || !mapping || revision === undefined) continue;
    const { table, primaryKeyFields } = ctx.settings;
    const remembered = { table, primary_key_fields: primaryKeyFields, event, at: time };
    const key = `${visitor}.${token}`;
    const place = { key, visitor, token, revision, remembered, mapping, writtenAt: time };
    all.set(key, { ...place, time });
    const owned = withOwner(ctx, place, what);
    if (owned) byKey.set(key, owned);
  }
  if (redo) await recoverOthers(ctx, [...all.values()]);
  const late = [...byKey.values()];
  ctx.stats.late += items.filter(
    ({ what, visitor, token }) => what.kind === 'anonymous' && byKey.has(`${visitor}.${token}`),
  ).length;
  // One by one: others of the visitor may still wait for whoever named them.
  const recover = new Set(redo ? late.map(({ visitor }) => visitor) : []);
  evict(ctx, (await amendEvents(ctx, late, { recover })).done);
}

/** Batches under way at once: while the warehouse works on one, another is read and written down. */
const LANES = 3;

/** How what is remembered is amended. */
interface EarlierOptions extends AmendOptions {
  /** The mappings as they were before the events were listed. */
  before: ReadonlyMap<string, KnownMapping>;
}

/** Amends all that is remembered of visitors, over all of them together, a batch at a time. */
export async function recognizeEarlier(
  ctx: JobContext,
  source: RememberedEvents,
  options: EarlierOptions,
): Promise<void> {
  const progress = createProgress(options.before);
  const room = roomFor(ctx);
  await pipelined(Array.from({ length: LANES }), LANES, async () => {
    for (let batch = await source.next(); batch.length > 0; batch = await source.next()) {
      const end = progress.begin(batch);
      const came = await recognizeBatch(ctx, batch, { ...options, room });
      end(came);
      evict(ctx, came.done);
    }
    // No batch is to come: that these visitors are done with is written down while the last of the others' are amended.
    await markDone(ctx, progress.finished());
  });
  await ctx.step('evict');
}

/** Room of the answer, which each batch is promised a part of before it is known what comes of it. */
function roomFor({ outcome, mostAnswered }: JobContext) {
  let promised = 0;
  return {
    take: (most: number) => {
      const taken = Math.max(0, Math.min(most, mostAnswered - outcome.answered - promised));
      promised += taken;
      return taken;
    },
    /** The batch is answered: what it took counts there now, and what it left others may have. */
    giveBack: (taken: number) => {
      promised -= taken;
    },
  };
}

/**
 * The mapping is read after the events were listed: whoever changed it in between may have listed before one of them
 * was written, and whoever writes one reads the mapping afterwards. So one of the two always sees the other.
 */
async function recognizeBatch(
  ctx: JobContext,
  places: Place[],
  options: EarlierOptions & { room: ReturnType<typeof roomFor> },
) {
  const visitors = new Set<string>();
  for (const { visitor } of places) visitors.add(visitor);
  const known = await readMappings(ctx, visitors, options.before);
  const { events, rest, kept } = byKeyAlone(ctx, places, { known, recover: options.recover });
  const promised = options.room.take(events.length);
  const answered = promised > 0 ? readAside(ctx, events.slice(0, promised)) : undefined;
  const read = await readEvents(ctx, rest);
  const unsure = read.flatMap(event => {
    const mapping = options.recover.has(event.visitor) ? known.get(event.visitor) : undefined;
    return mapping ? [{ ...event, mapping, time: timeOf(ctx, event.remembered, event.writtenAt) }] : [];
  });
  await recoverOthers(ctx, unsure);
  const owned = withMappings(ctx, read, known);
  events.push(...owned);
  // What is complete so far may be completed by who comes yet.
  if (owned.length < read.length) kept.push(...read.map(({ visitor }) => visitor));
  await ctx.step('list');
  const { done, toRead } = await amendEvents(ctx, events, { ...options, answered });
  options.room.giveBack(promised);
  if (toRead.length === 0) return { events, done, kept };
  const whole = withMappings(ctx, await readEvents(ctx, toRead), known);
  return { events, kept, done: [...done, ...(await amendEvents(ctx, whole, options)).done] };
}

/** The events that the answer has room for, by their keys: read while the warehouse amends their rows. */
function readAside(ctx: JobContext, events: readonly KnownEvent[]): AmendOptions['answered'] {
  const read = readEvents(ctx, events).then(listed => new Map(listed.map(one => [one.key, one])));
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
  const kept: string[] = [];
  let visitor: string | undefined;
  let mapping: KnownMapping | undefined;
  let owner: Owner | undefined;
  for (const place of places) {
    // The places of a visitor stand together: what is the same for all of them is found out once.
    if (place.visitor !== visitor) {
      visitor = place.visitor;
      mapping = known.get(visitor);
      const isPlain = mapping && isOfOneUser(ctx, mapping) && !mapping.done && !recover.has(visitor);
      owner = isPlain && mapping ? lastOwner(mapping) : undefined;
    }
    // Its row may have been given to another before, or to who was undone since, by whoever was killed.
    if (!mapping?.identity.length && !(mapping && recover.has(place.visitor))) continue;
    if (!recover.has(place.visitor) && isSaidByItself(ctx, place, mapping)) {
      kept.push(place.visitor);
      continue;
    }
    const said = owner && fromEventKey(place.token, ctx.settings);
    if (!said || !owner) rest.push(place);
    else events.push(toKnown(place, said, { ctx, mapping, owner }));
  }
  return { events, rest, kept };
}

/** As old as the mapping: what is younger its own call has amended, or will. */
function toKnown(
  { key, visitor, token }: Place,
  { table, event }: KeyOnly,
  { ctx, mapping, owner }: { ctx: JobContext; mapping: KnownMapping; owner: Owner },
): KnownEvent {
  const remembered = { table, primary_key_fields: ctx.settings.primaryKeyFields, event };
  const { revision } = mapping;
  return { key, visitor, token, revision, writtenAt: 0, remembered, mapping, owner, keyOnly: true };
}

/** Whose any of the visitor's events is, and where it stands, needs no look at the event. */
function isOfOneUser({ settings }: JobContext, mapping: KnownMapping): boolean {
  const [owner, ...others] = ownersOf(mapping);
  if (!owner || others.length > 0 || owner.isMixed || mapping.undone) return false;
  return settings.identification.every(({ alternatives }) => alternatives.length === 1);
}

/** An event of the job itself that says all that is known of its user. */
function isSaidByItself(ctx: JobContext, place: Place, mapping: KnownMapping): boolean {
  const item = ownOf(ctx, place)?.[0];
  if (item?.what.kind !== 'identified') return false;
  const owner = ownerAt(mapping, item.time, item.token);
  return owner !== undefined && covers(item.what.identity, owner.identity);
}

/** What came of a batch. */
interface BatchOutcome {
  /** The events that were looked after. */
  events: readonly KnownEvent[];
  /** Those of them that are done with. */
  done: readonly KnownEvent[];
  /** Visitors of whom an event is needed yet. */
  kept: readonly string[];
}

interface Standing {
  /** Batches under way. */
  batches: number;
  /** Events that are not done with. */
  open: number;
  mapping?: KnownMapping;
  isUnsure: boolean;
}

/** Which visitors have nothing left to do, over several batches; `before`: the mappings that were there before the events were listed. */
export function createProgress(before: ReadonlyMap<string, KnownMapping>) {
  const visitors = new Map<string, Standing>();
  return { begin, finished };

  /** A batch is looked after from now on; what is answered is to be told what came of it. */
  function begin(places: readonly Place[]) {
    const some = new Set<string>();
    for (const [{ visitor }] of runsOf(places)) some.add(visitor);
    for (const visitor of some) standing(visitor).batches += 1;
    return ({ events, done, kept }: BatchOutcome) => {
      for (const visitor of some) standing(visitor).batches -= 1;
      for (const visitor of kept) standing(visitor).isUnsure = true;
      for (const [{ visitor }, count] of runsOf(done)) standing(visitor).open -= count;
      for (const [{ visitor, mapping }, count] of runsOf(events)) {
        const one = standing(visitor);
        one.open += count;
        // Whoever changed the mapping since looks at all events again, and is not to find those done with that we never saw.
        one.isUnsure ||= before.get(visitor)?.revision !== mapping.revision;
        one.mapping = mapping;
      }
    };
  }

  /** Visitors of whom all events so far are done with, none of them in a batch that is under way; each is told once. */
  function finished() {
    const done: { visitor: string; mapping: KnownMapping }[] = [];
    for (const [visitor, { batches, open, mapping, isUnsure }] of visitors) {
      if (batches > 0 || open > 0 || isUnsure || !mapping) continue;
      done.push({ visitor, mapping });
      visitors.delete(visitor);
    }
    return done;
  }

  function standing(visitor: string): Standing {
    let one = visitors.get(visitor);
    if (!one) {
      one = { batches: 0, open: 0, isUnsure: false };
      visitors.set(visitor, one);
    }
    return one;
  }
}

/** Those of a visitor mostly stand together: the last of each run, and how many they are. */
function runsOf<T extends { visitor: string; mapping?: KnownMapping }>(all: readonly T[]): [T, number][] {
  const runs: [T, number][] = [];
  let run: [T, number] | undefined;
  for (const one of all) {
    if (run && run[0].visitor === one.visitor && run[0].mapping === one.mapping) {
      run[0] = one;
      run[1] += 1;
      continue;
    }
    run = [one, 1];
    runs.push(run);
  }
  return runs;
}

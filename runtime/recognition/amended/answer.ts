import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import type { AmendConflict, AmendOutcome } from '../../core/destinations.ts';
import { pipelined } from '../../core/pipeline.ts';
import type { Json } from '../event.ts';
import { eventTime } from '../event.ts';
import type { Item, JobContext } from '../job.ts';
import { fail, isHeld } from '../job.ts';
import type { KnownMapping } from '../mapping.ts';
import { putMappings } from '../mapping.ts';
import type { Listed, Remembered } from '../remember.ts';
import { readEvents, rememberedEvents, toListed } from '../remember.ts';
import { windowOf } from '../settings.ts';
import type { NodeValue } from '../who/identity.ts';
import { addUp, contradict, covers, isComplete, withIdentity } from '../who/identity.ts';
import { ownOf } from '../who/items.ts';
import type { KnownEvent } from '../who/owner.ts';
import { lastOwner, ownerAt } from '../who/owner.ts';
import { evictOwn } from './evictions.ts';

/** An answer is no export: events beyond this are counted and left out. */
export const MAX_ANSWERED = 1_000;

/** Counts what became of a recognized event and puts it into the answer. */
export function answer(ctx: JobContext, row: KnownEvent, outcome: AmendOutcome): void {
  const own = ownOf(ctx, row);
  if (outcome.state === 'failed' && isHeld(outcome.error)) {
    ctx.postponed.set(row.visitor, outcome.error);
    return;
  }
  if (outcome.state === 'failed') {
    if (own) for (const item of own) fail(ctx, item, outcome.error);
    else if (row.keyOnly) ctx.outcome.failed.push({ error: outcome.error });
    else {
      const { token, remembered } = row;
      const { event, key_only: isKeyOnly } = remembered;
      ctx.outcome.failed.push({ error: outcome.error, event, token, isKeyOnly });
    }
    return;
  }
  for (const item of own ?? []) item.event = completed(item.event, row);
  if (outcome.state === 'unchanged' || outcome.state === 'missing') return;
  ctx.outcome.amended += 1;
  ctx.stats.amended += 1;
  countRecognized(ctx);
  if (!own) addEarlier(ctx, row);
}

/** With what the event does not say itself. */
function completed(event: Json, { owner, adds }: KnownEvent): Json {
  return withIdentity(event, adds ?? owner.identity);
}

/** One more remembered event that got an identity. */
function countRecognized(ctx: JobContext): void {
  ctx.outcome.recognized += 1;
  ctx.stats.recognized += 1;
}

/** Answers an earlier event after the one that named its visitor. */
function addEarlier(ctx: JobContext, row: KnownEvent, most = ctx.mostAnswered): void {
  const { remembered, owner } = row;
  const keyOnly = row.keyOnly ?? remembered.key_only;
  // Only its key was read: when it was, the room was promised to others.
  if (keyOnly || ctx.outcome.answered >= most) {
    ctx.outcome.leftOut += 1;
    return;
  }
  ctx.outcome.answered += 1;
  const event: Json = { ...completed(remembered.event, row), __recognized: true };
  const others = ctx.outcome.earlier.get(owner.by);
  if (others) others.push(event);
  else ctx.outcome.earlier.set(owner.by, [event]);
}

const IN_FLIGHT = 64;
/** Nobody but the answer carries these events, so it has room for more of them; the rest waits for another call. */
const MAX_EVENTS = 10_000;

/** Puts the identity into the job's own events of visitors that are known; those that nothing can be added to are forgotten. */
export async function answerLate(
  ctx: JobContext,
  items: readonly Item[],
  known: ReadonlyMap<string, KnownMapping>,
): Promise<void> {
  const complete = items.filter(item => {
    const mapping = known.get(item.visitor ?? '');
    const owner = mapping && ownerAt(mapping, item.time, item.token);
    if (item.failed || !owner?.identity.length) return false;
    item.event = withIdentity(item.event, owner.identity);
    ctx.stats.late += 1;
    countRecognized(ctx);
    return isComplete(owner.identity, ctx.settings.identification);
  });
  evictOwn(ctx, complete);
}

/**
 * Answers what is remembered of visitors who have been named. The events stay, marked with who they were answered as
 * and by which event, so that the same call answers them again if its answer is lost, and others do not.
 */
export async function answerEarlier(
  ctx: JobContext,
  visitors: ReadonlyMap<string, Item>,
  known: ReadonlyMap<string, KnownMapping>,
): Promise<void> {
  for (const [visitor, { token }] of visitors) {
    const mapping = known.get(visitor);
    if (!mapping) continue;
    const finished = await answerVisitor(ctx, visitor, { ...mapping, by: token });
    ctx.outcome.unfinished ||= !finished;
    if (finished === (mapping.more !== true)) continue;
    // Whoever changed the mapping meanwhile lists the visitor's events too.
    const next = { ...mapping, more: finished ? undefined : (true as const) };
    await putMappings(ctx, [{ visitor, next, expected: mapping.revision }]);
  }
}

/** Whether the answer had room for all of the visitor's events. */
async function answerVisitor(ctx: JobContext, visitor: string, mapping: KnownMapping): Promise<boolean> {
  const source = rememberedEvents(ctx, [visitor]);
  for (;;) {
    const places = await source.next();
    if (places.length === 0) return true;
    const events = await readEvents(ctx, places);
    await ctx.step('list');
    const room = MAX_EVENTS - ctx.outcome.answered;
    const open = events.filter(({ revision }) => revision > (mapping.done ?? 0));
    await pipelined(open.slice(0, room), IN_FLIGHT, event => answerOne(ctx, event, mapping));
    if (open.length > room) return false;
  }
}

/** Answers an event and marks it, unless others did meanwhile. */
async function answerOne(ctx: JobContext, found: Listed, mapping: KnownMapping): Promise<void> {
  const { bucket } = ctx.settings;
  for (let listed: Listed | undefined = found; listed; ) {
    const identity = identityFor(listed.remembered, ownerOf(ctx, listed, mapping), ctx.settings.conflict);
    if (!identity?.length) return;
    const again = listed.remembered.recognized?.by === mapping.by;
    if (again || (await mark(ctx, listed, { identity, by: mapping.by }))) {
      tellOne(ctx, { ...listed, mapping, owner: { identity, by: mapping.by, revision: mapping.revision } });
      return;
    }
    const entry = await ctx.kv.get(ctx.call, { bucket, key: listed.key });
    listed = await toListed(entry);
  }
}

/** Whose the event is, named by the event of this call. */
function ownerOf({ settings }: JobContext, { remembered, token, writtenAt }: Listed, mapping: KnownMapping) {
  const { event, at } = remembered;
  const time = at ?? eventTime(event, settings.timestamp, writtenAt) ?? writtenAt;
  const owner = settings.conflict === 'overwrite' ? lastOwner(mapping) : ownerAt(mapping, time, token);
  return { identity: owner?.identity ?? [], by: mapping.by };
}

function tellOne(ctx: JobContext, event: KnownEvent): void {
  const own = ownOf(ctx, event);
  for (const item of own ?? []) item.event = withIdentity(item.event, event.owner.identity);
  countRecognized(ctx);
  if (!own) addEarlier(ctx, event, MAX_EVENTS);
}

/** The rule for rows, for an event that was answered before or not: who it is now; undefined: nothing to answer. */
function identityFor(
  { recognized }: Remembered,
  { identity, by }: Pick<KnownMapping, 'identity' | 'by'>,
  conflict: AmendConflict,
): NodeValue[] | undefined {
  if (!recognized) return identity;
  if (recognized.by === by) return recognized.identity;
  if (conflict === 'skip' || covers(recognized.identity, identity)) return undefined;
  if (!contradict(recognized.identity, identity)) return addUp(recognized.identity, identity);
  return conflict === 'overwrite' ? identity : undefined;
}

async function mark(ctx: JobContext, listed: Listed, recognized: Remembered['recognized']): Promise<boolean> {
  const left = listed.expiresAt ? Date.parse(listed.expiresAt) - Date.now() : Number.POSITIVE_INFINITY;
  const ttl = Math.min(windowOf(ctx.settings), Math.max(1_000, left) * 1_000_000);
  try {
    await ctx.kv.put(ctx.call, {
      bucket: ctx.settings.bucket,
      key: listed.key,
      value: stringifyExact({ ...listed.remembered, recognized }),
      expectedRevision: listed.revision,
      ttl: Math.round(ttl),
    });
    return true;
  } catch (error) {
    if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return false;
    throw error;
  }
}

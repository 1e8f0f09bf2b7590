import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import type { AmendConflict } from '../../core/destinations.ts';
import { pipelined } from '../../core/pipeline.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { NodeValue } from '../event/classify.ts';
import { eventTime } from '../event/event-time.ts';
import { addUp, contradict, covers, isComplete, withIdentity } from '../event/identity.ts';
import type { KnownEvent } from '../event/known-event.ts';
import { evict } from '../remember/evict.ts';
import type { Listed, Remembered } from '../remember/remember.ts';
import { toListed } from '../remember/remember.ts';
import { readEvents, rememberedEvents } from '../remember/remembered-events.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import { putMapping } from '../visitor/mapping.ts';
import { lastOwner, ownerAt } from '../visitor/owner.ts';
import { addEarlier, countRecognized } from './answer.ts';
import { ownOf } from './items.ts';
import type { Item, JobContext } from './job.ts';
import { windowOf } from './job.ts';

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
  const remembered = complete.flatMap(({ visitor, token, revision }) =>
    visitor !== undefined && revision !== undefined ? [{ key: `${visitor}.${token}`, revision }] : [],
  );
  evict(ctx, remembered);
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
    await keepMore(ctx, visitor, { ...mapping, ...(finished ? { more: undefined } : { more: true }) });
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
    listed = isEntry(entry) ? await toListed(listed.visitor, entry) : undefined;
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
  const own = ownOf(ctx.own, event);
  for (const item of own ?? []) item.event = withIdentity(item.event, event.owner.identity);
  countRecognized(ctx);
  if (!own) addEarlier(ctx, event, MAX_EVENTS);
}

/** Whoever changed the mapping meanwhile lists the visitor's events too. */
async function keepMore(ctx: JobContext, visitor: string, mapping: Partial<KnownMapping>): Promise<void> {
  const { revision = 0, storedAt: _, ...value } = mapping;
  await putMapping(ctx, visitor, JSON.stringify(value), revision);
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

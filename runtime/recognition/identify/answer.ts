import type { AmendOutcome } from '../../core/destinations.ts';
import { withIdentity } from '../event/identity.ts';
import type { KnownEvent } from '../event/known-event.ts';
import type { Json } from '../event/nodes.ts';
import { ownOf } from './items.ts';
import type { JobContext } from './job.ts';
import { fail, isHeld } from './job.ts';

/** An answer is no export: events beyond this are counted and left out. */
export const MAX_ANSWERED = 1_000;

/** Counts what became of a recognized event and puts it into the answer. */
export function answer(ctx: JobContext, row: KnownEvent, outcome: AmendOutcome): void {
  const own = ownOf(ctx.own, row);
  if (outcome.state === 'failed' && isHeld(outcome.error)) {
    ctx.postponed.set(row.visitor, outcome.error);
    return;
  }
  if (outcome.state === 'failed') {
    if (own) for (const item of own) fail(ctx, item, outcome.error);
    else if (row.keyOnly) ctx.outcome.failed.push({ error: outcome.error });
    else ctx.outcome.failed.push({ error: outcome.error, event: row.remembered.event, token: row.token });
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
export function countRecognized(ctx: JobContext): void {
  ctx.outcome.recognized += 1;
  ctx.stats.recognized += 1;
}

/** Answers an earlier event after the one that named its visitor. */
export function addEarlier(ctx: JobContext, row: KnownEvent, most = ctx.mostAnswered): void {
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

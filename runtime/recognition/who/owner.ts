import { eventTime } from '../event.ts';
import type { JobContext } from '../job.ts';
import type { KnownMapping } from '../mapping.ts';
import { asSaid } from '../mapping.ts';
import type { Listed, Remembered } from '../remember.ts';
import type { Classified, NodeValue } from './identity.ts';
import { classify, contradict } from './identity.ts';
import type { Stay } from './logins.ts';
import { compareTimes, isUndone, staysOf } from './logins.ts';

/** A remembered event, and who it was from. */
export interface KnownEvent extends Listed {
  mapping: KnownMapping;
  /** Whom of the visitor's users it belongs to. */
  owner: Owner;
  /** Otherwise than the call says: an event that names its user is completed, never overwritten. */
  conflict?: 'fill' | undefined;
  /** Of the owner's identity what the event does not say in other letters. Missing: all of it. */
  adds?: NodeValue[] | undefined;
  /** Only the event's primary key was read. */
  keyOnly?: true;
  /** What was changed is written down with when the event happened. */
  isNoted?: boolean;
}

/** Whom an event belongs to: one of the users of its visitor's device. */
export interface Owner {
  identity: NodeValue[];
  /** Token of the event that said the last of it. */
  by: string;
  /** Of the mapping it is from. */
  revision: number;
}

/** An owner with the time since when. */
type OwnerInTime = Owner & Pick<Stay, 'at' | 'from' | 'isMixed'>;

/** The users of a mapping one after the other; the same objects for the same mapping. */
export function ownersOf(mapping: KnownMapping): readonly OwnerInTime[] {
  let owners = cache.get(mapping);
  if (!owners) {
    owners = staysOf(asSaid(mapping)).map(stay => ({ ...stay, revision: mapping.revision }));
    cache.set(mapping, owners);
  }
  return owners;
}

/** The user who had logged in last when the event happened; before the first login, the first. */
export function ownerAt(mapping: KnownMapping, time: number, token: string): Owner | undefined {
  const owners = ownersOf(mapping);
  const event = { at: time, by: token };
  return owners.findLast(({ at, from }) => compareTimes({ at, by: from }, event) <= 0) ?? owners[0];
}

/** Who logged in last of all. */
export function lastOwner(mapping: KnownMapping): Owner | undefined {
  return ownersOf(mapping).at(-1);
}

/**
 * Whether rows of the visitor may be another's than was known before: it had several users, or one written in several ways; or
 * one who was undone, perhaps while a call went by that, or before one could be finished.
 */
export function isDisputed({ settings }: Pick<JobContext, 'settings'>, mapping: KnownMapping): boolean {
  if (mapping.undoneSpans?.length) return true;
  const [owner, ...others] = ownersOf(mapping);
  return settings.conflict === 'fill' && owner !== undefined && (others.length > 0 || owner.isMixed);
}

/**
 * What a row may hold of its visitor's users: that of its own; where the order of arrival decides, that of any who is not undone.
 */
export function saidOf(
  { settings }: Pick<JobContext, 'settings'>,
  mapping: KnownMapping,
  { at, token }: { at: number; token: string },
): NodeValue[] {
  if (settings.conflict !== 'fill') return ownersOf(mapping).flatMap(({ identity }) => identity);
  return ownerAt(mapping, at, token)?.identity ?? [];
}

/** What was said by those of its visitor's users who were undone. */
export function undoneOf({ undoneSpans = [] }: KnownMapping): NodeValue[] {
  return undoneSpans.flatMap(({ identity }) => identity);
}

const cache = new WeakMap<KnownMapping, readonly OwnerInTime[]>();

/** Whose events are, of visitors by what is known of them now. Those that need nothing are left out. */
export function withMappings(
  ctx: JobContext,
  listed: Listed[],
  known: ReadonlyMap<string, KnownMapping>,
): KnownEvent[] {
  return listed.flatMap(event => {
    const mapping = known.get(event.visitor);
    if (!mapping || event.revision <= (mapping.done ?? 0)) return [];
    const isUnknown = event.remembered.key_only && event.remembered.at === undefined;
    const what = isUnknown ? undefined : classify(event.remembered.event, ctx.settings);
    return withOwner(ctx, { ...event, mapping }, what) ?? [];
  });
}

/**
 * Whose an event is: of the user who had logged in when it happened; with `overwrite` an anonymous one is of who logged in
 * last. Undefined: nobody's, or it says itself all that is known.
 */
export function withOwner(
  ctx: JobContext,
  event: Listed & { mapping: KnownMapping },
  what: Classified | undefined,
): KnownEvent | undefined {
  const { mapping, token, remembered, writtenAt } = event;
  if (what?.kind === 'identified') {
    const at = timeOf(ctx, remembered, writtenAt);
    if (isUndone(mapping, { at, by: token, identity: what.identity })) return undefined;
    const owner = ownerAt(mapping, at, token);
    if (!owner || contradict(owner.identity, what.identity)) return undefined;
    const more = owner.identity.filter(({ node }) => !what.identity.some(one => one.node === node));
    if (more.length === 0 || ctx.settings.conflict === 'skip') return undefined;
    const isOther = what.identity.some(
      ({ node, value }) =>
        !owner.identity.some(one => one.node === node && String(one.value) === String(value)),
    );
    return { ...event, owner, conflict: 'fill', ...(isOther && { adds: more }) };
  }
  const owner =
    ctx.settings.conflict === 'overwrite'
      ? lastOwner(mapping)
      : ownerAt(mapping, timeOf(ctx, remembered, writtenAt), token);
  return owner && { ...event, owner };
}

/** When a remembered event happened. */
export function timeOf(
  { settings }: JobContext,
  { event, at, key_only }: Remembered,
  writtenAt: number,
): number {
  // A build before left no more of it than its key.
  if (key_only && at === undefined) return 0;
  return at ?? eventTime(event, settings.timestamp, writtenAt) ?? writtenAt;
}
